// Somebody who goes says so to each of the others directly: they know it without the server.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, it } from 'node:test';

import {
  eventually, inHouse, LIMIT, mediaFlows, repeats, SMALL, useChromium,
} from './harness.mjs';

/** Well below the 7 s after which a browser gives up a silent other side. */
const AT_ONCE_MS = 3000;
const TIMES = repeats(1);
const PROBE = { capture: SMALL };

/** A way to the server that can be held: nothing more gets through, not even its end. */
async function startProxy(t, url) {
  const held = { isHeld: false };
  const connections = new Set();
  const proxy = net.createServer((client) => {
    const server = net.connect(Number(new URL(url).port), '127.0.0.1');
    for (const [from, to] of [[client, server], [server, client]]) {
      connections.add(from);
      from.on('data', (bytes) => held.isHeld || to.write(bytes));
      from.on('close', () => held.isHeld || to.destroy());
      from.on('error', () => {});
    }
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const connection of connections) connection.destroy();
    proxy.close();
  });
  return { held, url: `http://127.0.0.1:${proxy.address().port}` };
}

const ways = {
  'presses Leave': (visitor) => visitor.button('Leave').evaluate((button) => button.click()),
  'closes the tab': ({ page }) => page.close(),
  'goes to another page': ({ page }) => page.goto('about:blank'),
};

describe('a goodbye that the server never hears', () => {
  const chromium = useChromium();

  for (const [way, go] of Object.entries(ways)) {
    for (let time = 1; time <= TIMES; time += 1) {
      it(`somebody who ${way} disappears at once, ${time} of ${TIMES}`, LIMIT,
        inHouse(chromium, async (house, t) => {
          const proxy = await startProxy(t, house.url);
          const ana = await house.join({ name: 'Ana', probe: PROBE });
          const ben = await house.join({
            name: 'Ben', probe: PROBE, query: { signaling: proxy.url },
          });
          await mediaFlows([ana, ben]);
          const goneAt = ana.evaluate(() => new Promise((resolve) => {
            const stop = window.meeting.on('change', ({ participants }) => {
              if (participants.length > 1) return;
              stop();
              resolve(Date.now());
            });
          }));
          proxy.held.isHeld = true;
          const wentAt = Date.now();
          if (way === 'presses Leave') await go(ben);
          else await house.goes(ben, () => go(ben));
          const took = await goneAt - wentAt;
          t.diagnostic(`gone after ${took} ms`);
          assert.ok(took < AT_ONCE_MS, `after ${took} ms`);
          const { participants } = await (await fetch(`${house.url}/health`)).json();
          assert.equal(participants, 2, 'the server has not heard of it');
          if (way !== 'presses Leave') return;
          await eventually('Ben lets go of everything', async () =>
            (await ben.leftovers()).every((what) => what.startsWith('WebSocket ')));
        }, { origins: ['*'] }));
    }
  }
});
