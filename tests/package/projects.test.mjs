// Two people call each other in every kind of project, under the strict policy and below a path.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { createServer } from '../../tools/signaling/app.mjs';
import { eventually, listen } from '../browser/harness.mjs';
import { describeHooks, describeUseMeeting } from './hooks.mjs';
import { enter, launchChromium, launchFirefox, meet, seesMoving, visit } from './people.mjs';
import { createProject, EXAMPLES, HERE, run } from './project.mjs';

/** Generous: npm's registry may be far away. */
const LIMIT = { timeout: 600_000 };
const BASE = '/calls';

/** The page in a folder, and signaling, at one address under our policy, below a path. */
async function host(staticDir) {
  const server = createServer({ staticDir, basePaths: [BASE], log: () => {} });
  const origin = await listen(server.httpServer);
  return { server, url: `${origin}${BASE}/`, close: server.close };
}

/** @param {string} folder @param {(url: string) => Promise<void>} body */
async function hosting(folder, body) {
  const { url, close } = await host(folder);
  try {
    await body(url);
  } finally {
    await close();
  }
}

async function freePort() {
  const probe = http.createServer();
  const { port } = new URL(await listen(probe));
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Counts what the page opens; `window.opened` tells. */
const countOpened = (page) => page.addInitScript(() => {
  const opened = { connections: [], tracks: [], requests: 0 };
  window.opened = opened;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...parameters) {
      super(...parameters);
      opened.connections.push(this);
    }
  };
  const devices = navigator.mediaDevices;
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints) => {
    opened.requests += 1;
    const stream = await getUserMedia(constraints);
    opened.tracks.push(...stream.getTracks());
    return stream;
  };
});

const opened = ({ page }) => page.evaluate(() => ({
  requests: window.opened.requests,
  live: window.opened.tracks.filter(({ readyState }) => readyState === 'live').length,
  made: window.opened.connections.length,
  open: window.opened.connections.filter((each) => each.signalingState !== 'closed').length,
}));

describe('a call in a project', () => {
  let chromium;
  const projects = {};
  before(async () => {
    // Side by side: installing waits for the network mostly.
    for (const [name, sources] of [
      ['plain', [path.join(EXAMPLES, 'plain')]],
      ['webpack', [path.join(HERE, 'webpack')]],
      ['vite', [path.join(EXAMPLES, 'vite'), path.join(HERE, 'hooks')]],
      ['next', [path.join(EXAMPLES, 'next')]],
    ]) {
      projects[name] = createProject(name, sources);
    }
    projects.vite18 = projects.vite.then((folder) =>
      createProject('vite18', [folder], ['react@18.3.1', 'react-dom@18.3.1']));
    // Told by the test that waits for it.
    for (const project of Object.values(projects)) project.catch(() => {});
    chromium = await launchChromium();
  });
  after(() => chromium?.close());

  it('of plain files', LIMIT, async () => {
    const folder = await projects.plain;
    cpSync(path.join(folder, 'node_modules/dvmeet-core'), path.join(folder, 'dvmeet-core'),
      { recursive: true });
    await hosting(folder, (url) => meet(chromium, url));
  });

  it('that webpack bundles', LIMIT, async () => {
    const folder = await projects.webpack;
    await run('npx', ['webpack'], folder);
    await hosting(folder, (url) => meet(chromium, url));
  });

  it('that Vite builds, in Chromium and in Firefox', LIMIT, async () => {
    const folder = await projects.vite;
    await run('npx', ['vite', 'build'], folder);
    await hosting(path.join(folder, 'dist'), async (url) => {
      await meet(chromium, url);
      const firefox = await launchFirefox();
      try {
        await meet(firefox, url);
      } finally {
        await firefox.close();
      }
    });
  });

  for (const [version, project] of [['19', 'vite'], ['18', 'vite18']]) {
    it(`in the StrictMode of React ${version}, which mounts everything twice`, LIMIT, async () => {
      const folder = await projects[project];
      const outDir = path.join(folder, 'strict');
      await run('npx', ['vite', 'build', '--mode', 'development', '--outDir', outDir], folder,
        { NODE_ENV: 'development' });
      await hosting(outDir, async (url) => {
        const people = [];
        for (const name of ['Ana', 'Ben']) {
          people.push(await visit(chromium, url, countOpened));
          await enter(people.at(-1), name);
        }
        for (const person of people) {
          await seesMoving(person, 2);
          assert.deepEqual(await opened(person), { requests: 1, live: 2, made: 1, open: 1 });
        }
        await people[0].page.getByRole('button', { name: 'Leave' }).click();
        await eventually('everything is let go of', async () => {
          const { live, open } = await opened(people[0]);
          return live === 0 && open === 0;
        });
        await seesMoving(people[1], 1);
        assert.deepEqual(people.flatMap(({ complaints }) => complaints), []);
        for (const { close } of people) await close();
      });
    });
  }

  for (const [bundler, flag] of [['Turbopack', '--turbopack'], ['webpack', '--webpack']]) {
    it(`that Next.js builds with ${bundler}`, LIMIT, async () => {
      const folder = await projects.next;
      const port = await freePort();
      const origin = `http://127.0.0.1:${port}`;
      const server = createServer({ origins: [origin], log: () => {} });
      const next = path.join(folder, 'node_modules/next/dist/bin/next');
      const environment = {
        BASE_PATH: BASE, NEXT_PUBLIC_SIGNALING: await listen(server.httpServer),
      };
      await run(process.execPath, [next, 'build', flag], folder, environment);
      const started = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', port], {
        cwd: folder, stdio: 'ignore',
        env: { ...process.env, ...environment, NEXT_TELEMETRY_DISABLED: '1' },
      });
      try {
        await eventually('Next.js answers', () =>
          fetch(origin + BASE).then(({ ok }) => ok, () => false));
        await meet(chromium, origin + BASE);
      } finally {
        started.kill();
        await once(started, 'exit');
        await server.close();
      }
    });
  }

  for (const describeOne of [describeHooks, describeUseMeeting]) {
    describeOne({
      chromium: () => chromium,
      open: async () => host(path.join(await projects.vite, 'strict')),
    });
  }
});
