// tools/run as a person uses it: started, visited, stopped, and started again.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';

import { eventually, here, LIMIT, SMALL, useChromium, Visitor } from './harness.mjs';
import { installProbe } from './probe.mjs';

const RUN = path.join(here, '..', '..', 'tools', 'run');
/** From the command to the URL, once everything is built. */
const START_WITHIN_MS = 10_000;
/** The first time it may have to wait for others that build here, and build. */
const BUILD_WITHIN_MS = 500_000;

async function freePort() {
  const server = net.createServer();
  await once(server.listen(0), 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** All processes below this one. */
function descendants(pid) {
  const children = new Map();
  for (const each of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      // The name, in parentheses, may hold anything; behind it are the state and the parent.
      const [, parent] = readFileSync(`/proc/${each}/stat`, 'utf8').split(') ').at(-1).split(' ');
      children.set(Number(parent), [...children.get(Number(parent)) ?? [], Number(each)]);
    } catch { /* it ended meanwhile */ }
  }
  const below = (parent) => (children.get(parent) ?? []).flatMap((each) => [each, ...below(each)]);
  return below(pid);
}

/** Starts the command; resolves when it has printed the URL. */
async function start(t, port, withinMs) {
  const began = performance.now();
  const child = spawn(RUN, ['--port', `${port}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGTERM'));
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => { printed[name] += text; });
  }
  const ended = once(child, 'close');
  const lastLine = () => printed.stdout.trimEnd().split('\n').at(-1);
  await eventually('the URL', () => {
    assert.equal(child.exitCode, null, JSON.stringify(printed));
    return /http:/.test(lastLine());
  }, withinMs);
  return { child, ended, printed, lastLine, took: performance.now() - began };
}

describe('tools/run', () => {
  const chromium = useChromium();

  it('serves page and signaling until it is stopped, and is quick the second time', LIMIT,
    async (t) => {
      const port = await freePort();
      const url = `http://localhost:${port}/`;
      for (const [time, withinMs] of [['first', BUILD_WITHIN_MS], ['second', START_WITHIN_MS]]) {
        const { child, ended, printed, lastLine, took } = await start(t, port, withinMs);
        t.diagnostic(`the ${time} start took ${Math.round(took)} ms`);
        assert.ok(took < withinMs);
        assert.equal(lastLine(), `dvmeet is ready: ${url}`);
        assert.match(printed.stdout, /^\[ *1\/\d+\] .* … \d+\.\d s$/m);
        const health = await (await fetch(`${url}health`)).json();
        assert.deepEqual([health.status, health.participants], ['ok', 0]);

        const context = await chromium.browser.newContext();
        const page = await context.newPage();
        await page.addInitScript(installProbe, { capture: SMALL });
        const ana = new Visitor(page, 'Ana');
        await page.goto(`${url}?room=standup&name=Ana&autojoin=1`);
        await ana.untilJoined();
        assert.equal((await (await fetch(`${url}health`)).json()).participants, 1);
        assert.deepEqual(await ana.uncalledFor(), []);
        await context.close();

        const below = descendants(child.pid);
        assert.ok(below.length > 0, 'the server is a process of its own');
        child.kill('SIGTERM');
        assert.deepEqual(await ended, [0, null], printed.stderr);
        assert.equal(lastLine(), `dvmeet is ready: ${url}`);
        assert.deepEqual(below.filter((pid) => existsSync(`/proc/${pid}`)), []);
        await assert.rejects(fetch(`${url}health`));
      }
    });
});
