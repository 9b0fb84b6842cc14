// Devices that stop by themselves, come back, or give nothing: the call goes on with what there is.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  checkMesh, eventually, inHouse, LIMIT, mediaFlows, SMALL, useChromium,
} from './harness.mjs';

const ANA = { name: 'Ana', probe: { capture: SMALL } };
const BEN = { name: 'Ben', probe: { capture: SMALL } };
const CLEO = { name: 'Cleo', probe: { capture: SMALL } };

/** What a browser does when a device is pulled out: its tracks end, and say so. */
const end = (visitor, kind) => visitor.evaluate((wanted) => {
  const track = window.probe.tracks.findLast((each) =>
    each.kind === wanted && each.readyState === 'live');
  track.stop(); // which alone fires nothing
  track.dispatchEvent(new Event('ended'));
}, kind);

/** From now on there are no cameras here, or again as many as before. */
const plug = (visitor, isThere) => visitor.evaluate((there) => {
  const { mediaDevices } = navigator;
  window.native ??= {
    getUserMedia: mediaDevices.getUserMedia.bind(mediaDevices),
    enumerateDevices: mediaDevices.enumerateDevices.bind(mediaDevices),
  };
  const { native } = window;
  mediaDevices.getUserMedia = async (constraints) => {
    if (constraints.video && !there) throw new DOMException('no camera', 'NotFoundError');
    return native.getUserMedia(constraints);
  };
  mediaDevices.enumerateDevices = async () =>
    (await native.enumerateDevices()).filter(({ kind }) => there || kind !== 'videoinput');
  mediaDevices.dispatchEvent(new Event('devicechange'));
}, isThere);

const slotOf = async (visitor, slot) => (await visitor.snapshot()).self[slot];

const untilSlot = (visitor, slot, expected) =>
  eventually(`${visitor.name}'s ${slot} is ${JSON.stringify(expected)}`, async () => {
    const view = await slotOf(visitor, slot);
    return Object.entries(expected).every(([key, value]) => view[key] === value);
  });

const offersOf = async (visitors) => {
  const all = await Promise.all(visitors.map((visitor) => visitor.connections()));
  return all.map(({ offers }) => offers);
};

const reportsOf = (visitor, code) => visitor.evaluate((wanted) =>
  window.probe.reports.filter((report) => report.code === wanted).map(({ level }) => level), code);

describe('devices that stop by themselves', () => {
  const chromium = useChromium();

  for (const [kind, slot] of [['video', 'camera'], ['audio', 'microphone']]) {
    it(`a ${slot} that ends is replaced in all connections, without an offer`, LIMIT,
      inHouse(chromium, async (house) => {
        const all = [await house.join(ANA), await house.join(BEN), await house.join(CLEO)];
        await mediaFlows(all);
        const offers = await offersOf(all);
        await end(all[0], kind);
        await eventually('it is said', async () =>
          (await reportsOf(all[0], 'media_ended')).length > 0);
        await untilSlot(all[0], slot, { wanted: true, state: 'on' });
        await mediaFlows(all);
        await checkMesh(all);
        assert.deepEqual(await reportsOf(all[0], 'media_ended'), ['warn']);
        assert.deepEqual(await offersOf(all), offers);
      }));
  }

  it('where no camera is left the person is told; it is used again when it is back', LIMIT,
    inHouse(chromium, async (house) => {
      const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
      ana.allow(/^report media_ended/);
      await mediaFlows([ana, ben]);
      await plug(ana, false);
      await end(ana, 'video');
      await untilSlot(ana, 'camera', { wanted: true, state: 'failed' });
      await ana.page.getByRole('alert').getByText('No camera found', { exact: true })
        .waitFor({ timeout: 10_000 });
      await mediaFlows([ana, ben], { unseen: ['Ana'] });

      await plug(ana, true);
      await untilSlot(ana, 'camera', { wanted: true, state: 'on' });
      await mediaFlows([ana, ben]);
      await checkMesh([ana, ben]);
    }));

  it('a microphone that gives nothing is named until it gives something', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join(ANA);
      await untilSlot(ana, 'microphone', { state: 'on', muted: false });
      const fire = (name) => ana.evaluate((event) => {
        window.probe.tracks.find(({ kind }) => kind === 'audio').dispatchEvent(new Event(event));
      }, name);
      const words = ana.page.getByText('The microphone is on, but gives nothing').first();
      await fire('mute');
      await words.waitFor({ timeout: 10_000 });
      await untilSlot(ana, 'microphone', { state: 'on', muted: true });
      await fire('unmute');
      await words.waitFor({ state: 'detached', timeout: 10_000 });
      await untilSlot(ana, 'microphone', { state: 'on', muted: false });
    }));
});
