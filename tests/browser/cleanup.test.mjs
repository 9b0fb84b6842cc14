// What is left of a meeting when it ends, however it ends: nothing.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { eventually, inHouse, LIMIT, mediaFlows, TINY, useChromium } from './harness.mjs';

const PROBE = { capture: TINY };

/** Everything that is made is counted by the probe, before the page's own scripts run. */
async function twoInACall(house) {
  const ana = await house.join({ name: 'Ana', probe: PROBE });
  const ben = await house.join({ name: 'Ben', probe: PROBE });
  await mediaFlows([ana, ben]);
  await ben.evaluate(() => window.meeting.setScreen(true));
  await eventually('Ana sees the screen', () => ana.tileOf('Ben', { isScreen: true }));
  return { ana, ben };
}

async function isEmpty(visitor) {
  let left = [];
  await eventually(`${visitor.name} lets go of everything`, async () => {
    left = await visitor.leftovers();
    return left.length === 0;
  }, 20_000).catch((error) => assert.fail(`${error.message}: ${left.join('\n')}`));
}

/** Senders without a track that lives, transceivers stopped. */
const mediaParts = (visitor) => visitor.evaluate(() => window.probe.connections.flatMap((pc) => [
  ...pc.getSenders().filter(({ track }) => track?.readyState === 'live').map(() => 'live sender'),
  ...pc.getTransceivers().filter(({ currentDirection }) => currentDirection !== 'stopped')
    .map(({ currentDirection }) => `transceiver ${currentDirection}`),
]));

const ends = {
  'leaving': (visitor) => visitor.evaluate(() => window.meeting.leave()),
  'leaving twice at once': (visitor) => visitor.evaluate(() =>
    Promise.all([window.meeting.leave(), window.meeting.leave()])),
  'unloading the page': (visitor) => visitor.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
  }),
  'a trap in the core': (visitor) => visitor.evaluate(() => {
    window.breakCore();
    window.meeting.sendChat('the last word');
  }),
};

/** Lets the test break the core: the next thing it is asked throws, as a trap does. */
function installBreaker() {
  const native = WebAssembly.instantiate;
  WebAssembly.instantiate = async (...parameters) => {
    const instance = await native(...parameters);
    let isBroken = false;
    window.breakCore = () => { isBroken = true; };
    const exports = Object.fromEntries(Object.entries(instance.exports).map(([name, value]) => [
      name, typeof value !== 'function' ? value : (...all) => {
        if (isBroken) throw new WebAssembly.RuntimeError('unreachable');
        return value(...all);
      },
    ]));
    return { exports };
  };
}

describe('the end of a meeting', () => {
  const chromium = useChromium();

  for (const [how, end] of Object.entries(ends)) {
    it(`after ${how} nothing is left, and a second end is harmless`, LIMIT,
      inHouse(chromium, async (house) => {
        const { ana, ben } = await twoInACall(house);
        const isCrash = how === 'a trap in the core';
        if (isCrash) {
          ben.allow(/^report core_crashed/, /unreachable/);
          await ben.page.addInitScript(installBreaker);
          await ben.page.reload();
          await ben.untilJoined();
          await mediaFlows([ana, ben]);
        }
        await end(ben);
        await isEmpty(ben);
        assert.deepEqual(await mediaParts(ben), []);
        assert.equal((await ben.snapshot()).connection, 'left');
        await ben.evaluate(() => window.meeting.leave());
        await ben.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')));
        await isEmpty(ben);
        await eventually('Ana is alone', async () => (await ana.tiles()).length === 1);
      }));
  }

  it('a page that is unloaded in the lobby lets go of the devices', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.visit({ name: 'Ana', probe: PROBE });
      await ana.untilReady();
      await ana.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')));
      await eventually('no track lives', () => ana.evaluate(() =>
        window.probe.tracks.length > 0
        && window.probe.tracks.every(({ readyState }) => readyState === 'ended')));
    }));
});
