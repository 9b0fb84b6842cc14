// Fresh projects outside the tree, with the packed package installed by npm.

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const execute = promisify(execFile);

export const EXAMPLES = path.join(root, 'web/examples');
export const HERE = path.join(root, 'tests/package');

/** A folder of this run; gone with the process. */
export const elsewhere = mkdtempSync(path.join(tmpdir(), 'dvmeet-package-'));
process.on('exit', () => rmSync(elsewhere, { recursive: true, force: true }));

/**
 * Says what a command had to say when it fails.
 * @param {string} command
 * @param {string[]} parameters
 * @param {string} cwd
 * @param {Record<string, string>} [environment]
 */
export async function run(command, parameters, cwd, environment = {}) {
  try {
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...environment };
    const { stdout } = await execute(command, parameters, { cwd, env, maxBuffer: 1 << 25 });
    return stdout;
  } catch (error) {
    throw new Error(`${command} ${parameters.join(' ')}\n${error.stdout}\n${error.stderr}`,
      { cause: error });
  }
}

let packing;

/** Packs once. @returns {Promise<{tarball: string, files: string[]}>} */
export function packed() {
  packing ??= run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', elsewhere],
    path.join(root, 'wasm')).then((printed) => {
    const [{ filename, files }] = JSON.parse(printed);
    return { tarball: path.join(elsewhere, filename), files: files.map((each) => each.path) };
  });
  return packing;
}

/**
 * Copies a project out of the tree and installs what it names, and the tarball.
 * @param {string} name
 * @param {string[]} sources later ones on top
 * @param {string[]} [besides] further packages
 */
export async function createProject(name, sources, besides = []) {
  const folder = path.join(elsewhere, name);
  for (const source of sources) cpSync(source, folder, { recursive: true });
  const { tarball } = await packed();
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts',
    '--no-package-lock', tarball, ...besides], folder);
  return folder;
}
