// What TypeScript consumers get, and the public surface as it was agreed on.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

import { createProject, HERE } from './project.mjs';

const require = createRequire(import.meta.url);
const wasm = fileURLToPath(new URL('../../wasm/', import.meta.url));
const REPORT = path.join(wasm, 'api-report.md');

/** The files whose declarations an application can name, as the package's exports lead to them. */
const SURFACE = ['index', 'meeting', 'error', 'api', 'bandwidth', 'support', 'socket', 'react',
  'react-peers', 'diagnose'];

test('a strict TypeScript consumer gets its types, and its mistakes', async () => {
  const folder = await createProject('types', [path.join(HERE, 'types')]);
  // Many projects still resolve modules as Node 10 did, which knows no `exports`.
  for (const more of [[], ['--moduleResolution', 'node10']]) {
    const { status, stdout } = spawnSync(process.execPath,
      [require.resolve('typescript/bin/tsc'), '-p', folder, ...more], { encoding: 'utf8' });
    assert.equal(stdout, '');
    assert.equal(status, 0);
  }
});

test('the public surface is as in wasm/api-report.md', () => {
  const printer = ts.createPrinter({ removeComments: true });
  const parts = SURFACE.map((name) => {
    const text = readFileSync(path.join(wasm, 'dist/types', `${name}.d.ts`), 'utf8');
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
    return `## ${name}\n\n\`\`\`ts\n${printer.printFile(source)}\`\`\`\n`;
  });
  const report = '# The public surface of dvmeet-core\n\n'
    + 'Written by the test that compares it; a change that is meant is written anew with '
    + '`DVMEET_REGENERATE=1 node --test tests/package/types.test.mjs`.\n\n'
    + parts.join('\n');
  if (process.env.DVMEET_REGENERATE === '1') writeFileSync(REPORT, report);
  assert.equal(readFileSync(REPORT, 'utf8'), report);
});

test('every entry of the package is consumed', () => {
  const { exports } = JSON.parse(readFileSync(path.join(wasm, 'package.json'), 'utf8'));
  const consumer = readFileSync(path.join(HERE, 'types/consumer.ts'), 'utf8');
  const consumed = new Set(
    [...consumer.matchAll(/'(dvmeet-core[^']*)'/gu)].map(([, name]) => name));
  const entries = Object.keys(exports).filter((each) => exports[each].types)
    .map((each) => each.replace('.', 'dvmeet-core'));
  assert.deepEqual(entries.filter((each) => !consumed.has(each)), []);
});

test('the limits are those of the core’s configuration', () => {
  const read = (file) => readFileSync(path.join(wasm, file), 'utf8');
  const [, told] = /interface Limits \{(.*?)\n\}/su.exec(read('api.d.ts'));
  const [, fields] = /struct Config \{.*?std::tuple\{(.*?)\};/su.exec(
    read('../include/dvmeet/config.hpp'));
  const elsewhere = ['iceServers', 'iceServersTtlMs', 'maxParticipants', 'capture', 'uplinkBps',
    'adapt', 'seed'];
  assert.deepEqual([...told.matchAll(/^ {2}(\w+)\?: number;$/gmu)].map(([, name]) => name),
    [...fields.matchAll(/"(\w+)"/gu)].map(([, name]) => name)
      .filter((name) => !elsewhere.includes(name)));
});

test('every code of the core and of the package is told, and no other', () => {
  const api = readFileSync(path.join(wasm, 'api.d.ts'), 'utf8');
  const header = readFileSync(path.join(wasm, '../include/dvmeet/error.hpp'), 'utf8');
  const own = ['bad_request', 'unsupported_browser', 'insecure_context', 'core_unavailable',
    'core_crashed'];
  const [, names] = /kNames<ErrorCode>.*?\{(.*?)\};/su.exec(header);
  const expected = [...[...names.matchAll(/"(\w+)"/gu)].map(([, name]) => name), ...own];
  const [, union] = /type MeetingErrorCode =(.*?);/su.exec(api);
  assert.deepEqual([...union.matchAll(/'(\w+)'/gu)].map(([, name]) => name), expected);
  assert.deepEqual([...api.matchAll(/^ \* - `(\w+)`: .+$/gmu)].map(([, name]) => name), expected);
});
