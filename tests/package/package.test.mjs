// The npm package as others get it: packed, installed elsewhere, imported, type-checked, bundled.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import { chromium } from 'playwright-core';

import { createServer } from '../../tools/signaling/app.mjs';

const require = createRequire(import.meta.url);
const source = fileURLToPath(new URL('../../wasm', import.meta.url));
const elsewhere = mkdtempSync(join(tmpdir(), 'dvmeet-package-'));
const installed = join(elsewhere, 'node_modules/dvmeet-core');
let files = [];

const run = (command, args, cwd = elsewhere) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

before(() => {
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', elsewhere],
    source);
  const [{ filename, files: listed }] = JSON.parse(packed);
  files = listed.map(({ path }) => path);
  writeFileSync(join(elsewhere, 'package.json'), '{"private": true, "type": "module"}');
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `./${filename}`]);
});
after(() => rmSync(elsewhere, { recursive: true, force: true }));

test('the tarball holds the module, the glue and the types, and no sources of ours', () => {
  for (const path of ['index.js', 'dist/dvmeet.wasm', 'dist/dvmeet.js', 'dist/standalone.js',
    'dist/types/index.d.ts', 'dist/types/api.d.ts']) {
    assert.ok(files.includes(path), `${path} is missing`);
  }
  const ours = /\.(?:cpp|hpp|cmake)$|tsconfig|build\.mjs/u;
  assert.deepEqual(files.filter((path) => ours.test(path)), []);
});

test('importing it in Node does nothing and needs no browser', () => {
  const script = `
    const before = Object.keys(globalThis).length;
    const { checkSupport, createMeeting, MeetingError } = await import('dvmeet-core');
    console.log(JSON.stringify([typeof createMeeting, typeof MeetingError, checkSupport().ok,
      Object.keys(globalThis).length - before]));`;
  const printed = run('node', ['--input-type=module', '--eval', script]);
  assert.deepEqual(JSON.parse(printed), ['function', 'function', false, 0]);
});

test('a strict TypeScript consumer gets its types, and its mistakes', () => {
  writeFileSync(join(elsewhere, 'consumer.ts'), `
    import { createMeeting, MeetingError, type Snapshot } from 'dvmeet-core';
    const meeting = await createMeeting({ room: 'a', media: { audio: true, video: 'camera-1' } });
    const off: () => void = meeting.on('change', (snapshot: Snapshot) => {
      const [first] = snapshot.participants;
      const state: 'new' | 'connecting' | 'connected' | 'reconnecting' | 'failed'
        = first.connection;
      // @ts-expect-error a snapshot is read-only
      first.name = state;
    });
    meeting.on('error', (error: MeetingError) => { const code: string = error.code; });
    const stream: MediaStream | null = meeting.streamOf('x', 'screen');
    await meeting.join({ name: 'Ana' });
    // @ts-expect-error there is no such event
    meeting.on('changed', () => {});
    // @ts-expect-error a room is a text
    await createMeeting({ room: 5 });
    // @ts-expect-error there is no such stream
    meeting.streamOf('x', 'microphone');
    off(); void stream;
  `);
  writeFileSync(join(elsewhere, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      noEmit: true, strict: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler',
      lib: ['es2022', 'dom', 'dom.iterable'], types: [],
    },
    files: ['consumer.ts'],
  }));
  const { status, stdout } = spawnSync(process.execPath,
    [require.resolve('typescript/bin/tsc'), '-p', elsewhere], { encoding: 'utf8' });
  assert.equal(stdout, '');
  assert.equal(status, 0);
});

test('a bundled application meets itself in Chromium', async (t) => {
  writeFileSync(join(elsewhere, 'app.js'), `
    import { createMeeting } from 'dvmeet-core';
    window.meet = async (name) => {
      const meeting = await createMeeting({
        room: 'bundle', name, media: { audio: true, video: true },
        wasm: new URL('./dvmeet.wasm', location.href),
      });
      await meeting.join();
      return meeting;
    };`);
  const site = join(elsewhere, 'site');
  await build({
    entryPoints: [join(elsewhere, 'app.js')], outdir: site, bundle: true, format: 'esm',
    logLevel: 'error',
  });
  cpSync(join(installed, 'dist/dvmeet.wasm'), join(site, 'dvmeet.wasm'));
  writeFileSync(join(site, 'index.html'),
    '<!doctype html><title>bundle</title>'
    + '<script type="module" src="app.js"></script>');

  const server = createServer({ staticDir: site, log: () => {} });
  await once(server.httpServer.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream', '--disable-background-networking', '--disable-quic',
      '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.httpServer.address().port}/`);
  const states = await page.evaluate(async () => {
    const meetings = [await window.meet('Ana'), await window.meet('Ben')];
    const all = () => meetings.map(({ snapshot }) =>
      snapshot.participants.map(({ connection }) => connection));
    await new Promise((resolve) => {
      const look = () => all().every((each) => each.join() === 'connected,connected') && resolve();
      for (const meeting of meetings) meeting.on('change', look);
      look();
    });
    const result = all();
    for (const meeting of meetings) await meeting.leave();
    return [...result, meetings.map(({ snapshot }) => snapshot.connection)];
  });
  assert.deepEqual(states, [['connected', 'connected'], ['connected', 'connected'],
    ['left', 'left']]);
});
