// What the package weighs, held by a budget; tools/bench size tells more.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { measureSizes } from '../../tools/benches/size.mjs';

const BUDGET = new URL('size-budget.json', import.meta.url);

/** Room for a fix; what needs more is meant, and seen in review. */
const SLACK = 1.02;

const WHY = [
  'Bytes of dvmeet.wasm, its glue and our minified code, each compressed for itself, without',
  'socket.io-client: what they were when this was written, and 2 % more. The wish is 55 KB gzip',
  'and 48 KB brotli in all. No representation of messages gets there: the code of the machines',
  'alone takes 49 KB gzip, glue and our code 17 KB, before the module has a name to read or to',
  'write (tools/bench size). printf, exceptions, RTTI, JSON, files and eval are gone from it',
  'already. Written anew with DVMEET_REGENERATE=1 node --test tests/package/size.test.mjs.',
].join(' ');

test('the package keeps to its budget', async () => {
  const sizes = await measureSizes();
  if (process.env.DVMEET_REGENERATE === '1') {
    const budget = Object.fromEntries(Object.entries(sizes).map(([name, { gzip, brotli }]) => [
      name, { gzip: Math.ceil(gzip * SLACK), brotli: Math.ceil(brotli * SLACK) }]));
    writeFileSync(BUDGET, `${JSON.stringify({ why: WHY, ...budget }, undefined, 2)}\n`);
  }
  const { why, ...budget } = JSON.parse(readFileSync(BUDGET, 'utf8'));
  assert.equal(why, WHY);
  assert.deepEqual(Object.keys(budget), Object.keys(sizes));
  for (const [name, { gzip, brotli }] of Object.entries(budget)) {
    const now = sizes[name];
    assert.ok(now.gzip <= gzip, `${name}: ${now.gzip} bytes with gzip, of ${gzip}`);
    assert.ok(now.brotli <= brotli, `${name}: ${now.brotli} bytes with brotli, of ${brotli}`);
  }
});
