// Keeps the floors: an arrow between two parts of the project only ever points down.

import path from 'node:path';

import { conclude, contents, projectFiles } from './project_files.mjs';

/** Neither `https://…` nor `'folder/*.js'` starts a comment. */
const COMMENT = /(?<![\w'"`])\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/.*$/gm;

/** The text with its comments blanked, so that line numbers stay. @param {string} text */
const withoutComments = (text) => text.replace(COMMENT, (comment) => comment.replace(/\S/g, ' '));

const INCLUDE = /#\s*include\s*"([^"]*)"/g;

const isCpp = (/** @type {string} */ file) => /\.(cpp|hpp)$/.test(file);
const isScript = (/** @type {string} */ file) => /\.(js|mjs|html)$/.test(file);
const isCore = (/** @type {string} */ file) => /^(src|include)\//.test(file) && isCpp(file);
const isJsonBackEnd = (/** @type {string} */ file) => /json[^/]*$/.test(file);

/**
 * The project's file that `#include "named"` means, if it is one.
 * @param {string} file @param {string} named
 */
function included(file, named) {
  const folders = [path.posix.dirname(file), 'include', 'src'];
  return folders.map((folder) => path.posix.join(folder, named)).find((found) => files.has(found));
}

/**
 * Each rule: whom it concerns, what must not be there, and how to say so.
 * @type {{where: (file: string) => boolean, not: RegExp, because: string,
 *   unless?: (file: string, found: string) => boolean}[]}
 */
const RULES = [
  {
    where: isCore,
    not: /#\s*include\s*<(chrono|random|thread|iostream|ctime|time\.h|mutex|future)>/g,
    because: 'the core knows no clock, randomness, thread or console',
  },
  {
    where: isCore,
    not: /(?<![\w.>])(?:std::)?(?:s?rand|clock|gettimeofday)\s*\(\s*[&\w]*\s*\)/g,
    because: 'the core knows no clock and no randomness: both come in with events',
  },
  {
    where: isCore,
    not: /(?<![\w.>])(?:std::)?time\s*\(\s*(?:0|NULL|nullptr|&\s*\w+)\s*\)/g,
    because: 'the core knows no clock: time comes in with events',
  },
  {
    where: (file) => isCore(file) && file.startsWith('include/'),
    not: INCLUDE,
    unless: (file, named) => included(file, named)?.startsWith('include/') === true,
    because: 'the public headers stand on nothing but themselves',
  },
  {
    where: (file) => isCpp(file) && !isJsonBackEnd(file),
    not: /#\s*include\s*[<"]nlohmann\//g,
    because: 'only the json back end knows nlohmann',
  },
  {
    where: (file) => isCpp(file) && !file.startsWith('wasm/'),
    not: /#\s*include\s*[<"]emscripten|\bEM_(?:JS|ASM)\w*\s*\(/g,
    because: 'only wasm/ knows Emscripten',
  },
  {
    // Tests may open plain connections to have something to compare with.
    where: (file) => isScript(file) && !/^(wasm\/[^/]*\.js$|tests\/)/.test(file),
    not: /\bnew\s+(?:\w+\.)?RTCPeerConnection\b/g,
    because: 'only wasm/*.js makes peer connections',
  },
  {
    where: (file) => isScript(file) && file.startsWith('web/'),
    not: /['"/]socket\.io/g,
    because: 'the page reaches Socket.IO through the package only',
  },
  {
    // tools/sequence/ is a page of its own, which tools/replay fills.
    where: (file) => isScript(file) && !/^(web|tests|tools\/sequence)\//.test(file),
    not: /(?<![\w.$])(?:window\.|globalThis\.)?document\s*\??[.[]/g,
    because: 'only web/ touches the page',
  },
];

const files = new Set(projectFiles());
/** @type {string[]} */
const complaints = [];

/** A circle of includes has no down. Each file is walked once; `trail` leads to it. */
const walked = new Set();
function findCircles(/** @type {string} */ file, /** @type {string[]} */ trail) {
  if (trail.includes(file)) {
    const circle = [...trail.slice(trail.indexOf(file)), file];
    complaints.push(`${file}: includes itself: ${circle.join(' > ')}`);
    return;
  }
  if (walked.has(file)) return;
  walked.add(file);
  for (const [, named] of withoutComments(contents(file)).matchAll(INCLUDE)) {
    const next = included(file, named);
    if (next !== undefined) findCircles(next, [...trail, file]);
  }
}
for (const file of files) if (isCore(file)) findCircles(file, []);

for (const file of files) {
  const rules = RULES.filter((rule) => rule.where(file));
  if (rules.length === 0) continue;
  const text = withoutComments(contents(file));
  for (const { not, unless, because } of rules) {
    for (const found of text.matchAll(not)) {
      if (unless?.(file, found[1])) continue;
      const line = text.slice(0, found.index).split('\n').length;
      complaints.push(`${file}:${line}: ${found[0]}: ${because}`);
    }
  }
}
conclude(complaints);
