// A refresh storm: somebody loads the page again and again, and nobody is seen twice or not at all.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import {
  eventually, FAKE_CONSENT, inHouse, LIMIT, mediaFlows, SIX_CAMERAS, TINY, useChromium,
} from './harness.mjs';

const RELOADS = 10;
const INTERVAL_MS = 1_000;

const heldBy = async (house) => (await (await fetch(`${house.url}/health`)).json()).participants;

describe('refresh storm', () => {
  const chromium = useChromium([SIX_CAMERAS, FAKE_CONSENT]);

  it('one of four reloads ten times in ten seconds, and four are there', LIMIT,
    inHouse(chromium, async (house, t) => {
      const all = [];
      for (const [camera, name] of ['Ana', 'Ben', 'Cleo', 'Dan'].entries()) {
        all.push(await house.join({ name, probe: { capture: { ...TINY, camera } } }));
      }
      await mediaFlows(all);
      const dan = all.at(-1);
      const began = performance.now();
      for (let time = 1; time <= RELOADS; time += 1) {
        // As soon as the next page begins: however far the one before has come.
        await dan.page.reload({ waitUntil: 'commit' });
        await pause(Math.max(0, began + time * INTERVAL_MS - performance.now()));
      }
      await dan.untilJoined();
      await mediaFlows(all);
      t.diagnostic(`media after ${Math.round(performance.now() - began)} ms`);
      await eventually('the server holds four', async () => await heldBy(house) === all.length);
      for (const visitor of all) {
        const tiles = await visitor.tiles();
        assert.deepEqual(tiles.map(({ name }) => name).sort(), ['Ana', 'Ben', 'Cleo', 'Dan']);
        const { live } = await visitor.connections();
        assert.deepEqual(live.map(({ state }) => state), ['connected', 'connected', 'connected']);
      }
      assert.equal(await heldBy(house), all.length);
    }));
});
