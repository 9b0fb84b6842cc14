// The way from page to room and back: nobody is brought in unasked, nobody stays behind unseen.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { eventually, inHouse, LIMIT, mediaFlows, SMALL, useChromium } from './harness.mjs';

const PROBE = { capture: SMALL };

const click = (visitor, ...ids) => visitor.evaluate((all) => {
  for (const id of all) document.getElementById(id).click();
}, ids);

describe('the lobby', () => {
  const chromium = useChromium();

  for (const [when, pause] of Object.entries({
    'just begun': () => {},
    'about to succeed': (house) => eventually('the server lets Ana in', () =>
      house.logs.filter(({ event }) => event === 'joined').length >= 3),
  })) {
    it(`leaves nobody behind who goes back to it from a rejoin ${when}`, LIMIT,
      inHouse(chromium, async (house) => {
        const ben = await house.join({ name: 'Ben', probe: PROBE });
        const ana = await house.join({ name: 'Ana', probe: PROBE });
        await ana.press('Leave');
        await ana.button('Rejoin').waitFor();
        // All in one breath, as quick as nobody is: also twice.
        await click(ana, 'rejoin');
        await pause(house);
        await click(ana, 'back', 'back', 'rejoin');
        await ana.untilReady();
        assert.equal(await ana.evaluate(() => window.probe.meetings.length), 2);
        await ana.press('Join');
        await ana.untilJoined();
        await mediaFlows([ana, ben]);
        const { participants } = await (await fetch(`${house.url}/health`)).json();
        assert.equal(participants, 2);
        const held = (await ana.evaluate(() => window.probe.tracks
          .filter(({ readyState }) => readyState === 'live').map(({ kind }) => kind))).sort();
        assert.deepEqual(held, ['audio', 'video']);

        await ana.press('Leave');
        await eventually('Ana lets go of everything', async () =>
          (await ana.leftovers()).length === 0);
        await eventually('Ben is alone', async () => (await ben.tiles()).length === 1);
      }));
  }

  it('is there before the module, and whoever is quicker than that joins all the same', LIMIT,
    inHouse(chromium, async (house) => {
      let arrive;
      const arrival = new Promise((resolve) => { arrive = resolve; });
      const ana = await house.visit({
        name: 'Ana', probe: PROBE, routes: { '**/dvmeet.wasm': () => arrival },
      });
      await ana.page.getByLabel('Your name').fill('Anabel');
      assert.equal(await ana.snapshot(), null);
      await ana.button('Stop video').click({ force: true }); // nothing to stop yet, nothing breaks
      await ana.press('Join');
      await ana.page.locator('#join-form[aria-busy=true]').waitFor();
      arrive();
      await ana.untilJoined();
      const { self } = await ana.snapshot();
      assert.deepEqual([self.name, self.camera.wanted], ['Anabel', true]);
    }));

  it('is where a link to a foreign server ends, named, whatever it asks for', LIMIT,
    inHouse(chromium, async (house) => {
      const query = { signaling: 'https://other.example', autojoin: '1' };
      const ana = await house.visit({ name: 'Ana', query, probe: PROBE });
      await ana.untilReady();
      const warning = ana.page.getByText('other.example');
      assert.equal(await warning.isVisible(), true);
      assert.equal((await ana.snapshot()).connection, 'idle');
      assert.equal(await ana.evaluate(() => window.probe.sockets.length), 0);
    }));

  it('names no server when the page’s own is meant, and takes no more than its fields', LIMIT,
    inHouse(chromium, async (house) => {
      const room = 'r'.repeat(80);
      const ana = await house.visit({ name: 'n'.repeat(80), room, probe: PROBE });
      await ana.untilReady();
      assert.equal(await ana.page.locator('#join-server').isVisible(), false);
      await ana.press('Join');
      await ana.untilJoined();
      const { room: joined, self } = await ana.snapshot();
      assert.deepEqual([joined, self.name], ['r'.repeat(64), 'n'.repeat(64)]);
    }));
});
