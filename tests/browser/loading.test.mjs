// How the package loads, and what it says when a host, a policy or a person keeps it from working.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { FAKE_DEVICES, launchChromium, LIMIT, listen, SITE } from './harness.mjs';

const PACKAGE = path.join(SITE, 'dvmeet-core/dist');
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

const files = {
  '/': ['text/html', '<!doctype html><title>Loading</title><link rel="icon" href="/icon">'],
  '/icon': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  '/standalone.js': ['text/javascript', await readFile(path.join(PACKAGE, 'standalone.js'))],
  '/dvmeet.wasm': ['application/wasm', await readFile(path.join(PACKAGE, 'dvmeet.wasm'))],
};

/** A host of the package, with some answers and the policy as a test wants them. */
async function startHost({ policy = POLICY, ...others } = {}) {
  const answers = { ...files, ...others };
  const httpServer = http.createServer(({ url }, response) => {
    const [type, body] = answers[url] ?? [];
    response.writeHead(body === undefined ? 404 : 200, {
      'Content-Security-Policy': policy, ...(type && { 'Content-Type': type }),
    });
    response.end(body);
  });
  const url = await listen(httpServer);
  return { url, close: () => httpServer.close() };
}

/** In the page: makes a meeting, and tells how that went. */
async function attempt(options) {
  const { createMeeting } = await import('/standalone.js');
  try {
    const meeting = await createMeeting(options);
    return { connection: meeting.snapshot.connection };
  } catch ({ name, code, message, cause }) {
    return { name, code, message, hasCause: cause !== undefined };
  }
}

const unavailable = (told, advice) => {
  assert.equal(told.name, 'MeetingError');
  assert.equal(told.code, 'core_unavailable');
  assert.equal(told.hasCause, true);
  assert.match(told.message, advice);
};

describe('the package in a browser', () => {
  let chromium;
  before(async () => {
    // Without consent given in advance, and with a name for this machine that is not localhost.
    chromium = await launchChromium([FAKE_DEVICES,
      '--host-resolver-rules=MAP insecure.example 127.0.0.1']);
  });
  after(() => chromium?.close());

  /** Opens the host's page and runs `body` in it. */
  async function on(host, body, { argument, permissions, at = (url) => url } = {}) {
    const { url, close } = await startHost(host);
    const context = await chromium.newContext({ permissions: permissions ?? [] });
    try {
      const page = await context.newPage();
      await page.goto(at(url));
      return await page.evaluate(body, argument);
    } finally {
      await context.close();
      close();
    }
  }

  it('works where the module is served with another type', LIMIT, async () => {
    const wasm = ['text/plain', files['/dvmeet.wasm'][1]];
    assert.deepEqual(await on({ '/dvmeet.wasm': wasm }, attempt, { argument: {} }),
      { connection: 'idle' });
  });

  it('says which policy is missing where WebAssembly is blocked', LIMIT, async () => {
    const policy = "default-src 'self'";
    unavailable(await on({ policy }, attempt, { argument: {} }),
      /Add 'wasm-unsafe-eval' to script-src of the page's Content-Security-Policy\.$/u);
  });

  it('says so where fetching the module is blocked', LIMIT, async () => {
    unavailable(await on({ policy: `${POLICY}; connect-src 'none'` }, attempt, { argument: {} }),
      /Content-Security-Policy allows it in connect-src\.$/u);
  });

  it('says where the module should be when it is not there', LIMIT, async () => {
    unavailable(await on({ '/dvmeet.wasm': [] }, attempt, { argument: {} }),
      /dvmeet\.wasm answered 404\. Check that dvmeet\.wasm is served beside the package/u);
  });

  it('recognizes a start page in place of the module', LIMIT, async () => {
    unavailable(await on({ '/dvmeet.wasm': files['/'] }, attempt, { argument: {} }),
      /The host answered with something else than dvmeet\.wasm, often its start page/u);
  });

  it('asks for https where devices are wanted without it', LIMIT, async () => {
    const told = await on({}, attempt, {
      argument: { media: { audio: true } },
      at: (url) => url.replace('127.0.0.1', 'insecure.example'),
    });
    assert.equal(told.code, 'insecure_context');
    assert.match(told.message, /Serve this page by https\.$/u);
  });

  it('says how to allow a camera that was refused', LIMIT, async () => {
    const told = await on({}, async () => {
      const { createMeeting } = await import('/standalone.js');
      const meeting = await createMeeting({ media: { video: true } });
      return new Promise((resolve) => {
        meeting.on('error', ({ name, code, message }) => resolve({
          name, code, message, connection: meeting.snapshot.connection,
          camera: meeting.snapshot.self.camera.state,
        }));
      });
    });
    assert.deepEqual(told, {
      name: 'MeetingError', code: 'media_refused', connection: 'idle', camera: 'failed',
      message: "Access to the camera was refused. Allow it in the browser's settings for this "
        + 'site, then turn the camera on again.',
    });
  });

  it('is ready within a moment, and blocks nothing before', LIMIT, async () => {
    const told = await on({}, async () => {
      const { createMeeting } = await import('/standalone.js');
      const first = performance.getEntriesByType('resource').map(({ name }) => name);
      const bytes = await (await fetch('/dvmeet.wasm')).arrayBuffer();
      const times = [];
      for (let time = 0; time < 21; time += 1) {
        // Bytes are compiled each time; an address would be compiled once.
        const started = performance.now();
        await createMeeting({ wasm: bytes });
        times.push(performance.now() - started);
      }
      return { first, median: times.sort((one, other) => one - other)[10] };
    });
    assert.equal(told.first.some((name) => name.endsWith('.wasm')), false);
    console.log(JSON.stringify({
      figure: 'core.first-use', n: 21, value: Number(told.median.toFixed(1)), unit: 'ms',
      contender: 'dvmeet-core',
    }));
    assert.ok(told.median < 300, `${told.median} ms`);
  });
});
