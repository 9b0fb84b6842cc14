// Where the page may live: below a path, on a plain static host, under a strict policy; and what is
// said when the server can't be had.

import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';

import { createServer } from '../../tools/signaling/app.mjs';
import {
  checkMesh, eventually, inHouse, LIMIT, listen, mediaFlows, SITE, SMALL, startStaticHost,
  useChromium,
} from './harness.mjs';
import { isUnderPolicy } from './policy.mjs';

const POLICY = {
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:",
};
const PROBE = { capture: SMALL };

async function talk(house, at, query = {}) {
  const all = [
    await house.join({ name: 'Ana', at, query, probe: PROBE }),
    await house.join({ name: 'Ben', at, query, probe: PROBE }),
  ];
  await mediaFlows(all);
  await checkMesh(all);
  all[0].allow(/Content.Security.Policy/, /script-src/);
  await isUnderPolicy(all[0]);
  return all;
}

/** The lobby stays, and says what was wrong. */
async function isRefused(visitor, message) {
  await visitor.untilReady();
  await visitor.press('Join');
  const alert = visitor.page.getByRole('alert').filter({ hasText: message });
  await alert.waitFor({ timeout: 30_000 });
  assert.equal(await alert.isVisible(), true);
  assert.equal(await visitor.button('Join').isVisible(), true);
  assert.equal((await visitor.snapshot()).connection, 'idle');
  return alert.textContent();
}

describe('the page', () => {
  const chromium = useChromium();

  it('works at the root of our server, under its policy', LIMIT,
    inHouse(chromium, async (house) => {
      const response = await fetch(house.url);
      for (const [name, value] of Object.entries(POLICY)) {
        assert.equal(response.headers.get(name), value);
      }
      await talk(house, `${house.url}/`);
    }));

  it('works below a path of our server', LIMIT, inHouse(chromium, async (house) => {
    const [ana] = await talk(house, `${house.url}/meet`);
    assert.equal(new URL(ana.page.url()).pathname, '/meet/');
  }, { basePaths: ['/meet'] }));

  for (const prefix of ['/', '/some/where/']) {
    it(`works at ${prefix} of a plain static host, with the server elsewhere`, LIMIT, async (t) => {
      const host = await startStaticHost({ [prefix]: SITE }, POLICY);
      t.after(host.close);
      await inHouse(chromium, async (house) => {
        const [ana] = await talk(house, host.url + prefix, { signaling: house.url });
        await ana.press('Copy invite link');
        const link = new URL(await ana.page.evaluate(() => document.getElementById('alone-link')
          .textContent));
        assert.equal(link.searchParams.get('signaling'), house.url);
        assert.equal(link.pathname, prefix);
      }, { origins: [host.url] })(t);
    });
  }

  it('says so when the server doesn’t allow its origin', LIMIT, async (t) => {
    const host = await startStaticHost({ '/': SITE }, POLICY);
    t.after(host.close);
    await inHouse(chromium, async (house, test) => {
      const ana = await house.visit({
        name: 'Ana', at: `${host.url}/`, query: { signaling: house.url }, probe: PROBE,
      });
      ana.allow(/WebSocket connection to .* failed/);
      test.diagnostic(await isRefused(ana, /signaling server can.t be reached/));
    }, { origins: ['https://meet.example'] })(t);
  });

  it('says so when the server can’t be reached, and joins when it is back', LIMIT,
    inHouse(chromium, async (house, t) => {
      const taken = http.createServer();
      const signaling = await listen(taken);
      await new Promise((resolve) => { taken.close(resolve); });
      const ana = await house.visit({ name: 'Ana', query: { signaling }, probe: PROBE });
      ana.allow(/WebSocket connection to .* failed/);
      t.diagnostic(await isRefused(ana, /signaling server can.t be reached/));

      const back = createServer({ origins: [house.url], log: () => {} });
      t.after(back.close);
      await new Promise((resolve) => {
        back.httpServer.listen(Number(new URL(signaling).port), '127.0.0.1', resolve);
      });
      await ana.press('Join');
      await ana.untilJoined();
      assert.equal(await ana.page.locator('#join-error').textContent(), '');
    }));

  it('says so when the room is full', LIMIT, inHouse(chromium, async (house) => {
    for (const name of ['Ana', 'Ben']) await house.join({ name, probe: PROBE });
    const cleo = await house.visit({ name: 'Cleo', probe: PROBE });
    await isRefused(cleo, /full/);
    // Another room has space.
    await cleo.page.getByRole('textbox', { name: 'Room' }).fill('another');
    await cleo.press('Join');
    await cleo.untilJoined();
    assert.equal((await cleo.snapshot()).room, 'another');
    await eventually('the others are two', async () =>
      (await house.visitors[0].tiles()).length === 2);
  }, { maxParticipants: 2 }));

  it('says so when its WebAssembly can’t be had', LIMIT, inHouse(chromium, async (house) => {
    const ana = await house.visit({ name: 'Ana', probe: PROBE });
    await ana.untilReady();
    ana.allow(/404|Failed to load/);
    await ana.page.route('**/*.wasm', (route) => route.fulfill({ status: 404, body: '' }));
    await ana.page.reload();
    await ana.page.getByText('The page couldn’t start').waitFor({ timeout: 30_000 });
    await ana.page.getByRole('button', { name: 'Try again' }).waitFor();
  }));
});
