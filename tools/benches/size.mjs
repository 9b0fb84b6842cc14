// What the package weighs: the module, its glue and our code, and what the module is made of.
// node tools/benches/size.mjs [NAMED.wasm]

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../..', import.meta.url));
const wasm = path.join(root, 'wasm');
const require = createRequire(path.join(root, 'tests/package.json'));

/** @param {Uint8Array} bytes */
const weigh = (bytes) => ({
  bytes: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

/** Our code as an application bundles it, without the glue and socket.io-client. */
async function bundled() {
  const { outputFiles } = await require('esbuild').build({
    entryPoints: [path.join(wasm, 'index.js')], bundle: true, format: 'esm', minify: true,
    platform: 'browser', target: 'es2022', write: false,
    external: ['socket.io-client', './dist/dvmeet.js'],
  });
  return outputFiles[0].contents;
}

/** @returns {Promise<Record<string, {bytes: number, gzip: number, brotli: number}>>} */
export async function measureSizes() {
  const sizes = {
    module: weigh(readFileSync(path.join(wasm, 'dist/dvmeet.wasm'))),
    glue: weigh(readFileSync(path.join(wasm, 'dist/dvmeet.js'))),
    code: weigh(await bundled()),
  };
  const sum = (/** @type {'bytes' | 'gzip' | 'brotli'} */ kind) =>
    Object.values(sizes).reduce((all, each) => all + each[kind], 0);
  return { ...sizes, total: { bytes: sum('bytes'), gzip: sum('gzip'), brotli: sum('brotli') } };
}

// ---- what the module is made of ---------------------------------------------------------------

const CODE = 10;
const DATA = 11;
const CUSTOM = 0;
const FUNCTION_NAMES = 1;

/** Reads LEB128 numbers and what they count; see the WebAssembly specification, §5. */
class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at];
      this.at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  take(length = this.number()) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text() {
    return new TextDecoder().decode(this.take());
  }
}

/** @param {Reader} reader @returns {Map<number, string>} */
function readNames(reader) {
  const names = new Map();
  for (let left = reader.number(); left > 0; left -= 1) names.set(reader.number(), reader.text());
  return names;
}

/** @param {Uint8Array} bytes */
function readModule(bytes) {
  const reader = new Reader(bytes, 8);
  /** @type {Uint8Array[]} */
  let bodies = [];
  let names = new Map();
  /** @type {Uint8Array} */
  let data = new Uint8Array();
  while (reader.at < bytes.length) {
    const id = reader.number();
    const content = new Reader(reader.take());
    if (id === CODE) bodies = Array.from({ length: content.number() }, () => content.take());
    if (id === DATA) data = content.bytes;
    if (id !== CUSTOM || content.text() !== 'name') continue;
    while (content.at < content.bytes.length) {
      const kind = content.number();
      const part = new Reader(content.take());
      if (kind === FUNCTION_NAMES) names = readNames(part);
    }
  }
  // Imported functions have the first indices and no body.
  const imported = Math.max(...names.keys()) + 1 - bodies.length;
  const functions = bodies.map((body, at) => ({ body, name: names.get(at + imported) ?? '' }));
  return { data, functions };
}

/** Whose a function is, by its name; the first that fits. @type {[string, RegExp][]} */
const OWNERS = [
  ['reading and writing messages', /dvmeet::(?:walk|ValIn|ValOut)|::fields\(\)|visit_fields/u],
  // What std::visit calls is the body of a machine, once that has been inlined.
  ['the core’s machines', /__value_visitor<dvmeet::(?!walk)/u],
  ['copying and destroying messages', /variant|operator==|__dispatch/u],
  ['the core’s machines', /dvmeet::/u],
  ['Embind', /emscripten|embind|_embind/iu],
  ['the C++ library', /std::|operator (?:new|delete)|__cxx/u],
];

/** @param {Uint8Array} bytes */
function groups(bytes) {
  const { data, functions } = readModule(bytes);
  /** @type {Map<string, Uint8Array[]>} */
  const owned = new Map([['data', [data]]]);
  for (const { body, name } of functions) {
    const [owner = 'the C library and the rest']
      = OWNERS.find(([, pattern]) => pattern.test(name)) ?? [];
    owned.set(owner, [...owned.get(owner) ?? [], body]);
  }
  const parts = [...owned].map(([owner, bodies]) => ({ owner, ...weigh(Buffer.concat(bodies)) }));
  const largest = functions.map(({ body, name }) => ({ size: body.length, name }))
    .sort((one, other) => other.size - one.size).slice(0, 12);
  return { parts: parts.sort((one, other) => other.bytes - one.bytes), largest };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await measureSizes();
  const row = (/** @type {any[]} */ ...cells) => console.log(
    cells.map((cell, at) => (at ? String(cell).padStart(9) : cell.padEnd(32))).join(' '));
  row('', 'bytes', 'gzip', 'brotli');
  for (const [name, { bytes, gzip, brotli }] of Object.entries(sizes)) {
    row(name, bytes, gzip, brotli);
  }
  const named = process.argv[2];
  if (named) {
    const { parts, largest } = groups(readFileSync(named));
    console.log('\nWhat the module is made of, each part compressed for itself');
    for (const { owner, bytes, gzip, brotli } of parts) row(owner, bytes, gzip, brotli);
    console.log('\nIts largest functions, bytes');
    for (const { name, size } of largest) {
      console.log(`${String(size).padStart(8)}  ${name.slice(0, 80)}`);
    }
  }
  console.log();
  for (const [name, kinds] of Object.entries(sizes)) {
    for (const [kind, value] of Object.entries(kinds)) {
      console.log(JSON.stringify({
        figure: `size.${name}.${kind}`, n: 1, value, unit: 'B', contender: 'dvmeet-core',
      }));
    }
  }
}
