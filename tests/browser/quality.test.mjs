// No more is sent than is seen: nothing to hidden tiles, small pictures to small ones, and cameras
// that take smaller pictures as the room fills.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import {
  eventually, FAKE_CONSENT, inHouse, LIMIT, mediaFlows, SIX_CAMERAS, SMALL, useChromium,
} from './harness.mjs';

const DESK = { viewport: { width: 1280, height: 800 } };
const through = (camera) => ({ capture: { ...SMALL, camera } });
/** The camera is asked for what the page asks for. */
const asAsked = (camera) => ({ capture: { camera } });

/** Longer than a picture takes, and the reports of senders that do not change between. */
const STANDSTILL_MS = 2_000;
/** Encoders scale in steps of their own; twice the tile would be four times its pictures. */
const AMPLE = 1.5;

/** What a visitor has sent to somebody until now: pictures of the camera, packets of the voice. */
const sentTo = async (visitor, other) => visitor.evaluate(async (id) => {
  const sent = { frames: 0, width: 0, height: 0, packets: 0 };
  for (const each of (await window.meeting.statsReport(id)).values()) {
    if (each.type !== 'outbound-rtp') continue;
    if (each.kind === 'audio') sent.packets += each.packetsSent ?? 0;
    else {
      sent.frames += each.framesSent ?? 0;
      sent.width = Math.max(sent.width, each.frameWidth ?? 0);
      sent.height = Math.max(sent.height, each.frameHeight ?? 0);
    }
  }
  return sent;
}, await other.id());

/** What has come to a visitor from somebody until now, and how wide the last picture was. */
const cameFrom = async (visitor, other) => visitor.evaluate(async (id) => {
  const came = { frames: 0, width: 0, packets: 0 };
  for (const each of (await window.meeting.statsReport(id)).values()) {
    if (each.type !== 'inbound-rtp') continue;
    if (each.kind === 'audio') came.packets += each.packetsReceived ?? 0;
    else {
      came.frames += each.framesDecoded ?? 0;
      came.width = Math.max(came.width, each.frameWidth ?? 0);
    }
  }
  return came;
}, await other.id());

/** Whether nothing but sound goes out for a while, and comes in. */
async function sendsOnlySound(visitor, other) {
  const look = () => Promise.all([sentTo(visitor, other), cameFrom(other, visitor)]);
  const before = await look();
  await pause(STANDSTILL_MS);
  const after = await look();
  return after.every(({ frames, packets }, side) =>
    frames === before[side].frames && packets > before[side].packets);
}

const setHidden = (visitor, name, hidden) => visitor.evaluate(([whose, isHidden]) => {
  const tile = document.querySelector(`.tile[data-name="${whose}"]`);
  tile.style.setProperty('display', isHidden ? 'none' : null);
}, [name, hidden]);

const tileSize = (visitor, name) => visitor.evaluate((whose) => {
  const { clientWidth, clientHeight } = document.querySelector(`.tile[data-name="${whose}"]`);
  return {
    width: clientWidth * window.devicePixelRatio, height: clientHeight * window.devicePixelRatio,
  };
}, name);

/** What the own camera takes, and the track that gives it; nothing before it is open. */
const captureOf = (visitor) => visitor.evaluate(() => {
  const { meeting } = window;
  const [track] = meeting.streamOf(meeting.snapshot.self.id, 'camera').getVideoTracks();
  const { width, height } = track?.getSettings() ?? {};
  return { id: track?.id, size: `${width}×${height}` };
});

describe('no more is sent than is seen', () => {
  const chromium = useChromium([SIX_CAMERAS, FAKE_CONSENT]);

  it('a hidden tile is sent no pictures, but sound, until it is seen again', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join({ name: 'Ana', probe: through(0), context: DESK });
      const ben = await house.join({ name: 'Ben', probe: through(1) });
      await mediaFlows([ana, ben]);
      await setHidden(ana, 'Ben', true);
      await eventually('Ben sends only sound', () => sendsOnlySound(ben, ana));
      const { frames } = await sentTo(ana, ben);
      await eventually('Ana’s pictures go on', async () =>
        (await sentTo(ana, ben)).frames > frames);
      const still = await cameFrom(ana, ben);
      await setHidden(ana, 'Ben', false);
      await eventually('Ben moves again', async () =>
        (await cameFrom(ana, ben)).frames > still.frames);
      await mediaFlows([ana, ben]);
      const { live } = await ana.connections();
      assert.equal(live.length, 1, 'with the connection that there was');
    }));

  it('cameras take smaller pictures as the room fills, with the same tracks', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join({ name: 'Ana', probe: asAsked(0), context: DESK });
      const ben = await house.join({ name: 'Ben', probe: asAsked(1), context: DESK });
      const take = (visitor, size) => eventually(`${visitor.name}'s camera takes ${size}`,
        async () => (await captureOf(visitor)).size === size);
      for (const visitor of [ana, ben]) await take(visitor, '1280×720');
      const ids = [(await captureOf(ana)).id, (await captureOf(ben)).id];
      const cleo = await house.join({ name: 'Cleo', probe: asAsked(2), context: DESK });
      for (const visitor of [ana, ben, cleo]) await take(visitor, '640×480');
      assert.deepEqual([(await captureOf(ana)).id, (await captureOf(ben)).id], ids);
      await mediaFlows([ana, ben, cleo]);
      await cleo.press('Leave');
      for (const visitor of [ana, ben]) await take(visitor, '1280×720');
      assert.deepEqual([(await captureOf(ana)).id, (await captureOf(ben)).id], ids);
    }));

  it('a small tile is sent small pictures, and a large one larger ones', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join({ name: 'Ana', probe: asAsked(0), context: DESK });
      const ben = await house.join({ name: 'Ben', probe: asAsked(1), context: DESK });
      await mediaFlows([ana, ben]);
      await eventually('Ben’s pictures come large', async () =>
        (await sentTo(ben, ana)).width >= 640 && (await cameFrom(ana, ben)).width >= 640);
      await ana.press('Pin Ana'); // Ben's tile goes into the strip beside it
      const tile = await tileSize(ana, 'Ben');
      assert.ok(tile.width < 400, JSON.stringify(tile));
      // The picture covers its tile: what is wider or taller than that is cut off.
      const needed = Math.max(tile.width, (tile.height * 16) / 9);
      await eventually(`Ben sends pictures for ${JSON.stringify(tile)}`, async () => {
        const widths = [(await sentTo(ben, ana)).width, (await cameFrom(ana, ben)).width];
        return widths.every((width) => width > 0 && width <= needed * AMPLE);
      });
      await eventually('Ana’s pictures come large where they are shown large', async () =>
        (await cameFrom(ben, ana)).width >= 640);
      await mediaFlows([ana, ben]);
      await ana.press('Pin Ana');
      await eventually('Ben’s pictures come large again', async () =>
        (await cameFrom(ana, ben)).width >= 640);
    }));
});
