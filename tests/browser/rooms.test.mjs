// Rooms of two to six: everybody sees and hears everybody, however they come in.

import { describe, it } from 'node:test';

import {
  checkMesh, eventually, FAKE_CONSENT, inHouse, LIMIT, mediaFlows, repeats, SIX_CAMERAS, SMALL,
  TINY, useChromium,
} from './harness.mjs';

/**
 * Six are more than two slow cores can bring together in the time a person would wait: there, each
 * pair may be made anew once, and be told late.
 */
const ROOMS = [
  { size: 2, times: repeats(2), capture: SMALL },
  { size: 3, times: repeats(2), capture: SMALL },
  { size: 4, times: repeats(2), capture: SMALL },
  { size: 6, times: Math.ceil(repeats(1) / 4), capture: TINY, thrift: true, spare: 5 },
];
const OF_SLOW_PAGES = [/connect_timeout|no_answer/, /WebSocket is already in CLOSING/];
/** Thirty pictures of full size are more than two cores can draw. */
const WINDOW = { viewport: { width: 480, height: 320 } };

const WAYS = {
  async 'one by one'(house, guests) {
    const visitors = [];
    const began = performance.now();
    for (const guest of guests) {
      visitors.push(await house.join(guest));
      await eventually(`${guest.name} is connected to all`, async () =>
        (await visitors.at(-1).connections()).live.filter(({ state }) => state === 'connected')
          .length === visitors.length - 1);
    }
    return { visitors, began };
  },
  async 'all at once'(house, guests) {
    const visitors = [];
    for (const guest of guests) visitors.push(await house.visit(guest));
    for (const visitor of visitors) await visitor.untilReady();
    const began = performance.now();
    // Not as careful as a person: whatever the page is doing, all of them click now.
    await Promise.all(visitors.map((visitor) =>
      visitor.button('Join').evaluate((button) => button.click())));
    return { visitors, began };
  },
};

describe('everybody sees and hears everybody', () => {
  const chromium = useChromium([SIX_CAMERAS, FAKE_CONSENT]);
  for (const { size, times, capture, thrift, spare } of ROOMS) {
    const guests = Array.from({ length: size }, (_, camera) => ({
      name: `Guest ${camera + 1}`,
      probe: { capture: { ...capture, camera }, thrift },
      context: WINDOW,
    }));
    for (const [way, enter] of Object.entries(WAYS)) {
      for (let time = 1; time <= times; time += 1) {
        it(`${size} join ${way}, ${time} of ${times}`, LIMIT,
          inHouse(chromium, async (house, t) => {
            const { visitors, began } = await enter(house, guests);
            if (spare) visitors.forEach((visitor) => visitor.allow(...OF_SLOW_PAGES));
            await mediaFlows(visitors);
            t.diagnostic(`media everywhere after ${Math.round(performance.now() - began)} ms`);
            await checkMesh(visitors, { spare });
          }));
      }
    }
  }
});
