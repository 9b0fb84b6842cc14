// The API reference: made without a complaint, and all that an application can name is in it.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { run } from './project.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const types = path.join(root, 'wasm/dist/types');
let reference = '';

before(async () => {
  await run(path.join(root, 'tools/docs'), [], root);
  const made = path.join(root, 'build/reference');
  reference = readdirSync(made, { recursive: true }).filter((file) => file.endsWith('.html'))
    .map((file) => readFileSync(path.join(made, file), 'utf8')).join('\n');
}, { timeout: 600_000 });

/** What an entry declares: by itself, or handed on. */
function exported(entry) {
  const text = readFileSync(path.join(types, `${entry}.d.ts`), 'utf8');
  return [
    ...[...text.matchAll(/^export (?:declare )?(?:async )?(?:function|const|class|type) (\w+)/gmu)]
      .map(([, name]) => name),
    ...[...text.matchAll(/^export \{ ([^}]*) \}/gmu)].flatMap(([, names]) => names.split(', ')),
  ];
}

for (const entry of ['index', 'react', 'diagnose']) {
  test(`every name of ${entry}.js is in the reference`, () => {
    const names = exported(entry);
    assert.ok(names.length > 3, names.join());
    assert.deepEqual(names.filter((name) => !reference.includes(`.${name}.html"`)), []);
  });
}

test('every error code is in the reference, with what it means', () => {
  const [, union] = /type MeetingErrorCode =(.*?);/su.exec(
    readFileSync(path.join(root, 'wasm/api.d.ts'), 'utf8'));
  const codes = [...union.matchAll(/'(\w+)'/gu)].map(([, code]) => code);
  assert.ok(codes.length > 30, codes.join());
  assert.deepEqual(codes.filter((code) => !reference.includes(`<code>${code}</code>: `)), []);
});
