// What a room has come to: who receives whom, through how many connections.

import assert from 'node:assert/strict';

import { eventually } from './waiting.mjs';

/**
 * Waits until each visitor sees every other one on a tile, and new pictures and new sound of every
 * other one have come in since this was called, but for those who are unseen or unheard by name;
 * whoever else is in the room, `besides` them, doesn't matter.
 */
export async function mediaFlows(visitors, { unseen = [], unheard = [], besides = [] } = {}) {
  const baselines = new Map();
  const missing = async (visitor) => {
    const inbound = (await visitor.inbound()).filter(({ name }) => !besides.includes(name));
    const tiles = await visitor.tiles();
    if (inbound.length !== visitors.length - 1) return [`${inbound.length} others`];
    return inbound.flatMap((now) => {
      const key = `${visitor.name} ${now.id}`;
      if (!baselines.has(key)) baselines.set(key, now);
      const then = baselines.get(key);
      const tile = tiles.find(({ id, isScreen }) => id === now.id && !isScreen);
      const hasPictures = now.cameraFrames > then.cameraFrames && tile?.shows;
      const hasSound = now.audioEnergy > then.audioEnergy || now.audioPackets > then.audioPackets;
      return [
        ...(tile?.connection === 'connected' ? [] : [`${now.name} is ${tile?.connection}`]),
        ...(hasPictures || unseen.includes(now.name) ? [] : [`no pictures of ${now.name}`]),
        ...(hasSound || unheard.includes(now.name) ? [] : [`no sound of ${now.name}`]),
      ];
    });
  };
  let lacking = [];
  await eventually('media flows between all', async () => {
    const found = await Promise.all(visitors.map(async (visitor) =>
      (await missing(visitor)).map((what) => `${visitor.name}: ${what}`)));
    lacking = found.flat();
    return lacking.length === 0;
  }).catch((error) => {
    throw new Error(`${error.message}; ${lacking.join('; ')}`);
  });
}

/**
 * There is exactly one connection per pair, with the three media lines of the design, and no other
 * was made, but for `spare` ones of each visitor.
 */
export async function checkMesh(visitors, { spare = 0 } = {}) {
  for (const visitor of visitors) {
    const { made, live, losses } = await visitor.connections();
    const others = visitors.length - 1;
    const line = { state: 'connected', transceivers: 3, mediaLines: 3 };
    assert.deepEqual(live, Array(others).fill(line), `connections of ${visitor.name}`);
    assert.ok(made <= others + spare, `${visitor.name} made ${made} connections to ${others} `
      + `others, having lost the server ${losses} times`);
    const people = (await visitor.tiles()).filter(({ isScreen }) => !isScreen);
    assert.equal(people.length, visitors.length, `tiles of ${visitor.name}`);
    assert.equal(new Set(people.map(({ id }) => id)).size, people.length);
  }
}
