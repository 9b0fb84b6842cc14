// Where Node gets the compiled module from.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @param {URL | string | undefined} url another place than beside this file
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileFrom(url) {
  // Put together from texts: bundlers rewrite `new URL(…, import.meta.url)`.
  const beside = join(dirname(fileURLToPath(import.meta.url)), 'dist', 'dvmeet.wasm');
  const bytes = await readFile(url ? new URL(url) : beside);
  return WebAssembly.compile(/** @type {BufferSource} */ (/** @type {unknown} */ (bytes)));
}
