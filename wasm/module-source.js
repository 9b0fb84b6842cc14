// Where a browser gets the compiled module from.

/**
 * @param {URL | string | undefined} url another place than beside this file
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileFrom(url) {
  const response = await fetch(url ?? new URL('./dist/dvmeet.wasm', import.meta.url));
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  const bytes = response.clone();
  // A host that serves .wasm with another MIME type costs the streaming, not the meeting.
  return WebAssembly.compileStreaming(response).catch(async () =>
    WebAssembly.compile(await bytes.arrayBuffer()));
}
