// Compiles the module once per page, instantiates it once per meeting.
import { compileFrom } from '#module-source';
import createModule from './dist/dvmeet.js';
import { MeetingError, platformError } from './error.js';

/** @typedef {import('./module.js').Core} Core */

/** @type {Map<string, Promise<WebAssembly.Module>>} */
const compiled = new Map();

/**
 * @param {URL | string | BufferSource | WebAssembly.Module | undefined} source
 * @returns {Promise<WebAssembly.Module>}
 */
function compile(source) {
  if (source instanceof WebAssembly.Module) return Promise.resolve(source);
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return WebAssembly.compile(/** @type {BufferSource} */ (source));
  }
  const key = String(source ?? '');
  const cached = compiled.get(key);
  if (cached) return cached;
  const module = compileFrom(/** @type {URL | string | undefined} */ (source));
  compiled.set(key, module);
  // A failed load must not stick: the next meeting tries again.
  module.catch(() => compiled.delete(key));
  return module;
}

/**
 * @param {URL | string | BufferSource | WebAssembly.Module} [source] the `.wasm`; default: the one
 *   shipped with this package
 * @returns {Promise<Core>}
 * @throws {MeetingError} `core_unavailable`
 */
export async function loadCore(source) {
  try {
    const module = await compile(source);
    return await new Promise((resolve, reject) => {
      createModule({
        /**
         * @param {WebAssembly.Imports} imports
         * @param {(instance: WebAssembly.Instance, module: WebAssembly.Module) => void} done
         */
        instantiateWasm(imports, done) {
          WebAssembly.instantiate(module, imports)
            .then((instance) => done(instance, module), reject);
          return {};
        },
      }).then(resolve, reject);
    });
  } catch (cause) {
    throw new MeetingError('core_unavailable', explain(platformError(cause).message), { cause });
  }
}

/**
 * What to do about it, by what browsers and hosts are known to say.
 * @param {string} message
 */
function explain(message) {
  const told = `The WebAssembly core could not be loaded: ${message}.`.replace(/\.\.$/u, '.');
  if (/content security policy|unsafe-eval|disallowed by embedder|blocked by CSP/iu.test(message)) {
    return `${told} Add 'wasm-unsafe-eval' to script-src of the page's Content-Security-Policy.`;
  }
  if (/magic|doesn't start with|expected 00 61 73 6d/iu.test(message)) {
    return `${told} The host answered with something else than dvmeet.wasm, often its start page: `
      + 'let it serve the file beside the package, or name its place in the option wasm. In the '
      + "development server of Vite it takes optimizeDeps: { exclude: ['dvmeet-core'] }.";
  }
  return `${told} Check that dvmeet.wasm is served beside the package, or name its place in the `
    + "option wasm, and that the page's Content-Security-Policy allows it in connect-src.";
}
