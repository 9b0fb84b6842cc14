// Rooms of two to six: everybody sees and hears everybody, however they come in.

import { describe, it } from 'node:test';

import {
  checkMesh, inHouse, LIMIT, mediaFlows, repeats, SMALL, TINY, useChromium,
} from './harness.mjs';

const ROOMS = [
  { size: 2, times: repeats(2), capture: SMALL },
  { size: 3, times: repeats(2), capture: SMALL },
  { size: 4, times: repeats(2), capture: SMALL },
  { size: 6, times: Math.ceil(repeats(1) / 4), capture: TINY },
];

const WAYS = {
  async 'one by one'(house, guests) {
    const visitors = [];
    const began = performance.now();
    for (const guest of guests) visitors.push(await house.join(guest));
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
  const chromium = useChromium();
  for (const { size, times, capture } of ROOMS) {
    const guests = Array.from({ length: size }, (_, index) => (
      { name: `Guest ${index + 1}`, probe: { capture } }));
    for (const [way, enter] of Object.entries(WAYS)) {
      for (let time = 1; time <= times; time += 1) {
        it(`${size} join ${way}, ${time} of ${times}`, LIMIT,
          inHouse(chromium, async (house, t) => {
            const { visitors, began } = await enter(house, guests);
            await mediaFlows(visitors);
            t.diagnostic(`media everywhere after ${Math.round(performance.now() - began)} ms`);
            await checkMesh(visitors);
          }));
      }
    }
  }
});
