// The files of the project: what is committed or could be, nothing that is ignored.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** @returns {string[]} paths relative to the root, with forward slashes */
export function projectFiles() {
  // Another owner's checkout, usual in containers, is safe to list.
  const options = ['-c', 'safe.directory=*', '-C', root];
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  return execFileSync('git', [...options, ...listing], { encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(path.join(root, file)))
    .filter((file) => statSync(path.join(root, file)).isFile())
    .sort();
}

/** @param {string} file relative to the root */
export const contents = (file) => readFileSync(path.join(root, file), 'utf8');

/**
 * Prints what is wrong, one per line, and ends the process accordingly.
 * @param {string[]} complaints
 */
export function conclude(complaints) {
  for (const complaint of complaints) console.log(complaint);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
