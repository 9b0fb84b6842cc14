// The npm package as others get it: packed, installed elsewhere, imported, type-checked, bundled.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { before, test } from 'node:test';

import { build } from 'esbuild';

import { createServer } from '../../tools/signaling/app.mjs';
import { launchChromium, listen } from '../browser/harness.mjs';
import { createProject, elsewhere, EXAMPLES, HERE, packed, run } from './project.mjs';

let folder = '';
let files = [];

before(async () => {
  ({ files } = await packed());
  folder = await createProject('node', [path.join(EXAMPLES, 'node-bot')]);
});

test('the tarball holds the module, the glue and the types, and no sources of ours', () => {
  for (const file of ['index.js', 'react.js', 'README.md', 'GUIDE.md', 'LICENSE',
    'dist/dvmeet.wasm', 'dist/dvmeet.js', 'dist/standalone.js', 'dist/types/index.d.ts',
    'dist/types/react.d.ts', 'dist/types/api.d.ts']) {
    assert.ok(files.includes(file), `${file} is missing`);
  }
  const ours = /\.(?:cpp|hpp|cmake|mjs)$|tsconfig/u;
  assert.deepEqual(files.filter((file) => ours.test(file)), []);
});

test('nothing is packed that was not built', async () => {
  const wasm = path.join(HERE, '../../wasm');
  await run('npm', ['run', 'prepack'], wasm);
  const unbuilt = path.join(elsewhere, 'unbuilt');
  for (const file of ['package.json', 'prepack.mjs', 'index.js']) {
    cpSync(path.join(wasm, file), path.join(unbuilt, file));
  }
  await assert.rejects(run('npm', ['pack'], unbuilt),
    /not built yet: dist\/dvmeet\.wasm, .*LICENSE/u);
});

test('importing it in Node does nothing and needs no browser', async () => {
  const script = `
    const before = Object.keys(globalThis).length;
    const { checkSupport, createMeeting, MeetingError } = await import('dvmeet-core');
    console.log(JSON.stringify([typeof createMeeting, typeof MeetingError, checkSupport().ok,
      Object.keys(globalThis).length - before, process.getActiveResourcesInfo().filter((name) =>
        /Timeout|Immediate|TCP/u.test(name))]));`;
  const printed = await run('node', ['--input-type=module', '--eval', script], folder);
  assert.deepEqual(JSON.parse(printed), ['function', 'function', false, 0, []]);
});

test('what a bundle does not use is not in it', async () => {
  const { outputFiles: [{ text }] } = await build({
    stdin: { contents: "import 'dvmeet-core'; import { checkSupport } from 'dvmeet-core';"
      + 'globalThis.ok = checkSupport().ok;', resolveDir: folder },
    bundle: true, format: 'esm', minify: true, write: false, logLevel: 'error',
  });
  assert.match(text, /RTCPeerConnection/u);
  assert.ok(text.length < 2000, `${text.length} characters for checkSupport()`);
});

test('two bots meet in Node, on a native WebRTC binding', { timeout: 120_000 }, async (t) => {
  const server = createServer({ log: () => {} });
  const url = await listen(server.httpServer);
  t.after(() => server.close());
  const bots = ['Ana', 'Ben'].map((name) => {
    const bot = spawn(process.execPath, ['bot.mjs', url, 'bots', name], {
      cwd: folder, stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => bot.kill('SIGKILL'));
    return { bot, lines: readline.createInterface({ input: bot.stdout }) };
  });
  const said = await Promise.all(bots.map(async ({ lines }) => {
    for await (const line of lines) {
      const { sees } = JSON.parse(line);
      if (sees) return sees;
    }
    return 'nobody';
  }));
  assert.deepEqual(said, ['Ben', 'Ana']);
  for (const { bot } of bots) {
    bot.kill('SIGTERM');
    const [code] = await once(bot, 'exit');
    assert.equal(code, 0);
  }
});

test('two meetings in one page do not disturb each other', async (t) => {
  writeFileSync(path.join(folder, 'app.js'), `
    import { createMeeting } from 'dvmeet-core';
    window.meet = async (room, name) => {
      const meeting = await createMeeting({
        room, name, media: { audio: true, video: true },
        wasm: new URL('./dvmeet.wasm', location.href),
      });
      await meeting.join();
      return meeting;
    };`);
  const site = path.join(folder, 'site');
  await build({
    entryPoints: [path.join(folder, 'app.js')], outdir: site, bundle: true, format: 'esm',
    logLevel: 'error',
  });
  cpSync(path.join(folder, 'node_modules/dvmeet-core/dist/dvmeet.wasm'),
    path.join(site, 'dvmeet.wasm'));
  writeFileSync(path.join(site, 'index.html'),
    '<!doctype html><title>bundle</title>'
    + '<script type="module" src="app.js"></script>');

  const server = createServer({ staticDir: site, log: () => {} });
  const url = await listen(server.httpServer);
  t.after(() => server.close());
  const browser = await launchChromium();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(url);
  const told = await page.evaluate(async () => {
    const who = ({ snapshot }) => snapshot.participants
      .map(({ name, connection }) => `${name} ${connection}`).join();
    const until = (meetings, isSo) => new Promise((resolve) => {
      const look = () => meetings.every(isSo) && resolve();
      for (const meeting of meetings) meeting.on('change', look);
      look();
    });
    const inOne = [await window.meet('one', 'Ana'), await window.meet('one', 'Ben')];
    const inOther = [await window.meet('other', 'Cleo'), await window.meet('other', 'Dan')];
    await until([...inOne, ...inOther], ({ snapshot }) => snapshot.participants.length === 2
      && snapshot.participants.every(({ connection }) => connection === 'connected'));
    const met = [...inOne, ...inOther].map(who);
    await inOne[0].leave();
    await until([inOne[1]], ({ snapshot }) => snapshot.participants.length === 1);
    const later = [...inOne, ...inOther].map(who);
    for (const meeting of [...inOne, ...inOther]) await meeting.leave();
    return { met, later, ends: inOther.map(({ snapshot }) => snapshot.connection) };
  });
  const other = ['Cleo connected,Dan connected', 'Dan connected,Cleo connected'];
  assert.deepEqual(told, {
    met: ['Ana connected,Ben connected', 'Ben connected,Ana connected', ...other],
    later: ['', 'Ben connected', ...other],
    ends: ['left', 'left'],
  });
});
