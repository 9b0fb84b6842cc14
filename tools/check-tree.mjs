// Keeps the shape of the tree: what lies where, what it may be called, what no file may hold.

import { homedir } from 'node:os';
import path from 'node:path';

import { conclude, contents, projectFiles, root } from './project_files.mjs';

const TOP_LEVEL = new Set([
  'CMakeLists.txt', 'README.md', 'CHANGELOG.md', 'LICENSE',
  'wasm', 'web', 'include', 'src', 'tests', 'tools',
  '.ci', '.clang-format', '.clang-tidy', '.editorconfig', '.gitattributes', '.gitignore',
]);

/** A name that says nothing invites everything. */
const EMPTY_NAMES = /^(utils?|helpers?|common|misc)$/i;

const MAX_COLUMNS = 100;
const HAS_LIMITED_LINES = /\.(cpp|hpp|js|mjs)$/;

/** Folders too ordinary to say anything about this machine. */
const ORDINARY_FOLDERS = new Set([
  '/', '/tmp', '/opt', '/srv', '/usr', '/usr/src',
  '/home', '/var',
]);

/** Paths that hold on this machine only. */
const machinePaths = [root, path.dirname(root), homedir()]
  .filter((folder) => !ORDINARY_FOLDERS.has(folder))
  .map((folder) => `${folder}/`);
const HOME_PATH = /(?<![\w.$}])\/(?:home|Users)\/\w+\//;

/** npm and Debian know their registries themselves; a URL would bind everybody to one. */
const REGISTRY_URL = /https?:\/\/[^\s/"']*(?:registry|artifactory|nexus|verdaccio)[^\s/"']*/i;

/** @type {string[]} */
const complaints = [];

/** @param {string} file @param {string} text */
function checkLines(file, text) {
  const hasLimit = HAS_LIMITED_LINES.test(file);
  text.split('\n').forEach((line, index) => {
    const complain = (/** @type {string} */ what) =>
      complaints.push(`${file}:${index + 1}: ${what}`);
    if (hasLimit && [...line].length > MAX_COLUMNS) complain(`over ${MAX_COLUMNS} columns`);
    if (REGISTRY_URL.test(line)) complain("a registry's URL");
    if (HOME_PATH.test(line) || machinePaths.some((folder) => line.includes(folder))) {
      complain('a path of one machine');
    }
  });
}

for (const file of projectFiles()) {
  const parts = file.split('/');
  if (!TOP_LEVEL.has(parts[0])) complaints.push(`${file}: unexpected at the top level`);
  for (const part of parts) {
    if (EMPTY_NAMES.test(part.split('.')[0])) complaints.push(`${file}: a name that says nothing`);
  }
  const text = contents(file);
  if (text.includes('\0')) continue;
  checkLines(file, text);
  if (parts.at(-1) === 'package-lock.json' && text.includes('"resolved": "http')) {
    complaints.push(`${file}: "resolved" addresses; npm finds the packages by name`);
  }
  if (parts.at(-1) === '.npmrc') complaints.push(`${file}: npm is set up by each machine`);
}
conclude(complaints);
