// Finishes the package after the CMake build: smaller glue, one file each for static hosts, types,
// the licence.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(here, '../tests/package.json'));
const { minify } = require('terser');
const esbuild = require('esbuild');

const glue = join(here, 'dist/dvmeet.js');
const { code = '' } = await minify(await readFile(glue, 'utf8'), {
  module: true, compress: { passes: 3 }, mangle: true,
});
await writeFile(glue, code);

// The glue belongs beside the module: relative to the bundle, not to the file it came from.
const besideBundle = {
  name: 'wasm-beside-bundle',
  setup(build) {
    build.onLoad({ filter: /module-source\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace('./dist/dvmeet.wasm', './dvmeet.wasm'),
    }));
  },
};
for (const [entry, bundle] of [['index.js', 'standalone.js'], ['diagnose.js', 'diagnose.js']]) {
  await esbuild.build({
    entryPoints: [join(here, entry)],
    outfile: join(here, 'dist', bundle),
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    platform: 'browser',
    legalComments: 'none',
    plugins: [besideBundle],
    logLevel: 'warning',
  });
}

await writeFile(join(here, 'dist/dvmeet.d.ts'), `import type { Core } from '../module.js';
export default function createModule(options: object): Promise<Core>;
`);
await mkdir(join(here, 'dist/types'), { recursive: true });
for (const name of ['api.d.ts', 'module.d.ts']) {
  await copyFile(join(here, name), join(here, 'dist/types', name));
}
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p',
  join(here, 'tsconfig.types.json')], { stdio: 'inherit' });

// The compiler's stripInternal knows no JavaScript: what is ours alone shows as private.
const meeting = join(here, 'dist/types/meeting.d.ts');
const declared = await readFile(meeting, 'utf8');
await writeFile(meeting, declared.replace(
  /\/\*\*(?:(?!\*\/)[^])*@internal\s*\*\/\s*constructor\([^;]*;/u, 'private constructor();'));

// A tarball needs it; it stands once in the tree.
await copyFile(join(here, '../LICENSE'), join(here, 'LICENSE'));
