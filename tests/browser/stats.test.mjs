// Figures of real media: levels on tiles, the statistics panel, the active speaker.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';

import {
  BUILD, eventually, FAKE_CONSENT, inHouse, LIMIT, mediaFlows, SIX_CAMERAS, SMALL, useChromium,
} from './harness.mjs';

const PICTURES = path.join(BUILD, 'screenshots');
const through = (camera) => ({ capture: { ...SMALL, camera } });
const PROBE = through(0);
const DESK = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };

async function picture(visitor, name) {
  await mkdir(PICTURES, { recursive: true });
  await visitor.page.screenshot({ path: path.join(PICTURES, name) });
}

/** What the core says of everybody else. */
const readStats = (visitor) => visitor.evaluate(() => {
  const { meeting } = window;
  return meeting.snapshot.participants
    .filter(({ isSelf }) => !isSelf)
    .map(({ id, name, quality }) => ({ name, quality, stats: meeting.stats(id) }));
});

const flowOf = (flows, slot) => flows.find((flow) => flow.slot === slot);

/** Pictures come and go, and the path is known. */
const isMeasured = ({ stats }) => {
  const received = flowOf(stats.received, 'camera');
  const sent = flowOf(stats.sent, 'camera');
  return received?.bitrateBps > 0 && received.fps > 0 && sent?.bitrateBps > 0
    && stats.path.chosen.length > 0;
};

const readCards = (visitor) => visitor.evaluate(() =>
  [...document.querySelectorAll('.stats-card')].map((card) => ({
    name: card.querySelector('bdi').textContent,
    label: card.getAttribute('aria-label'),
    path: card.querySelector('.stats-path').textContent,
    figures: card.querySelector('dl').textContent,
    plots: [...card.querySelectorAll('polyline')]
      .map((line) => line.getAttribute('points')?.split(' ').length ?? 0),
  })));

/** A steady tone in place of the microphone. */
const hum = (visitor) => visitor.evaluate(() => {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const volume = context.createGain();
  volume.gain.value = 0.5;
  const out = context.createMediaStreamDestination();
  tone.connect(volume).connect(out);
  tone.start();
  window.meeting.updateStream(out.stream);
});

const speakersSeen = (visitor) => visitor.evaluate(() =>
  [...document.querySelectorAll('.tile[data-speaking]')].map(({ dataset }) => dataset.name));

describe('statistics', () => {
  const chromium = useChromium([SIX_CAMERAS, FAKE_CONSENT]);

  it('levels, figures and paths of real media are seen', LIMIT, inHouse(chromium, async (house) => {
    const ana = await house.join({ name: 'Ana', probe: PROBE, context: DESK });
    const ben = await house.join({ name: 'Ben', probe: through(1), context: PHONE });
    const cleo = await house.join({ name: 'Cleo', probe: through(2) });
    const everybody = [ana, ben, cleo];
    await mediaFlows(everybody);
    for (const visitor of everybody) {
      await eventually(`${visitor.name} has figures of both others`, async () => {
        const all = await readStats(visitor);
        return all.length === 2 && all.every(isMeasured);
      });
      await eventually(`${visitor.name} sees levels`, async () =>
        (await readStats(visitor)).every(({ quality }) => quality !== 'unknown'));
    }
    for (const { stats } of await readStats(ana)) {
      const { local, remote } = stats.path.chosen.at(-1);
      assert.deepEqual([local, remote, stats.path.relayed], ['host', 'host', false]);
      assert.ok(stats.path.local.host > 0 && stats.path.remote.host > 0);
      assert.ok(stats.roundTripUs >= 0); // less than Chromium counts, on one machine
    }
    assert.deepEqual(await ana.evaluate(() => [...document.querySelectorAll('.tile')]
      .map(({ dataset }) => [dataset.name, dataset.quality === 'unknown'])),
    [['Ana', true], ['Ben', false], ['Cleo', false]]);

    for (const visitor of [ana, ben]) {
      await visitor.press('Statistics');
      await eventually(`${visitor.name}'s panel draws`, async () => {
        const cards = await readCards(visitor);
        return cards.length === 2
          && cards.every(({ plots }) => plots.every((points) => points > 2));
      });
      for (const { name, label, path: way, figures } of await readCards(visitor)) {
        assert.equal(label, `Statistics of ${name}`);
        // Browsers may move on to a better pair at any time, and then say so.
        assert.match(way, /^Direct, without NAT(; changed (once|\d+ times))?\.$/u);
        assert.match(figures, /Camera in[1-9][\d.]* [kM]bit\/s, \d+×\d+, [1-9]\d* fps/u);
        assert.match(figures, /Voice in/u);
        assert.match(figures, /Camera out/u);
      }
    }
    await picture(ana, 'statistics-desk.png');
    await picture(ben, 'statistics-phone.png');
    await ben.press('Close panel');
    await picture(ben, 'bars-phone.png');
  }));

  it('nothing is sampled in detail when nobody looks and nothing adapts', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join({ name: 'Ana', probe: PROBE, query: { adapt: '0' } });
      const ben = await house.join({ name: 'Ben', probe: PROBE });
      await mediaFlows([ana, ben]);
      await eventually('Ana sees a level', async () =>
        (await readStats(ana)).every(({ quality }) => quality !== 'unknown'));
      await ana.evaluate(() => window.meeting.watchStats(false));
      const [{ quality, stats }] = await readStats(ana);
      assert.deepEqual([quality, stats.history], ['unknown', []]);
      const actions = await ana.evaluate(() => window.meeting.trace().split('\n')
        .filter(Boolean).slice(1).map((line) => JSON.parse(line)));
      const last = actions.findLastIndex(({ event }) => event.type === 'statsWatched');
      assert.deepEqual(actions.slice(last).flatMap((step) => step.actions)
        .filter(({ type, detailed }) => type === 'sampleAudio' || detailed), []);
    }));

  it('who is heard is outlined, and nobody is after long silence', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join({ name: 'Ana', probe: PROBE, context: DESK });
      const ben = await house.join({ name: 'Ben', probe: PROBE });
      await mediaFlows([ana, ben]);
      await ana.press('Mute');
      await hum(ben);
      for (const visitor of [ana, ben]) {
        await eventually(`${visitor.name} sees that Ben speaks`, async () =>
          (await speakersSeen(visitor)).join() === 'Ben');
      }
      await picture(ana, 'speaker-desk.png');
      const widths = () => ana.evaluate(() => Object.fromEntries(
        [...document.querySelectorAll('.tile')]
          .map((tile) => [tile.dataset.name, tile.clientWidth])));
      await ana.press('Speaker in front');
      const following = await widths();
      assert.ok(following.Ben > 2 * following.Ana, JSON.stringify(following));
      await picture(ana, 'speaker-in-front-desk.png');
      await ana.press('Pin Ana');
      const withPin = await widths();
      assert.ok(withPin.Ana > 2 * withPin.Ben, JSON.stringify(withPin));
      await ana.press('Pin Ana');
      await ana.press('Speaker in front');
      const equal = await widths();
      assert.equal(equal.Ana, equal.Ben);
      await ben.press('Mute');
      await eventually('nobody speaks', async () => (await speakersSeen(ana)).length === 0);
    }));
});
