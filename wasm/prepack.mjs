// Keeps `npm pack` from packing less than the build makes.
import { existsSync } from 'node:fs';

const MADE = ['dist/dvmeet.wasm', 'dist/dvmeet.js', 'dist/standalone.js', 'dist/diagnose.js',
  'dist/types/index.d.ts', 'dist/types/react.d.ts', 'dist/types/diagnose.d.ts', 'LICENSE'];

const missing = MADE.filter((file) => !existsSync(new URL(file, import.meta.url)));
if (missing.length > 0) {
  console.error(`Nothing is packed, for this was not built yet: ${missing.join(', ')}.\n`
    + 'tools/docs, in the root of the repository, builds the package.');
  process.exit(1);
}
