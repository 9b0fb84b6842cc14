// The shared screen: a tile of its own, and all three slots on and off without a further offer.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  checkMesh, eventually, inHouse, LIMIT, mediaFlows, SMALL, useChromium,
} from './harness.mjs';

const ANA = { name: 'Ana', probe: { capture: SMALL } };
const BEN = { name: 'Ben', probe: { capture: SMALL } };
const CLEO = { name: 'Cleo', probe: { capture: SMALL } };
const TOGGLES = 50;
const SCREEN_WITHIN_MS = 2000;

/** Both of Ana's tiles show moving pictures to this visitor, the screen's count growing. */
async function seesScreenOfAna(visitor) {
  const frames = async () =>
    (await visitor.inbound()).find(({ name }) => name === 'Ana')?.screenFrames ?? 0;
  const before = await frames();
  await eventually(`${visitor.name} sees Ana's screen move`, async () =>
    (await visitor.tileOf('Ana', { isScreen: true }))?.shows && await frames() > before + 1);
  const camera = await visitor.tileOf('Ana');
  assert.ok(camera, 'the camera keeps its tile');
  assert.equal(camera.sharing, 'true');
}

/** A clock in Ana's page that starts with the next click on a button. */
const startClock = (ana) => ana.evaluate(() => {
  window.clicked = new Promise((resolve) => {
    document.addEventListener('click', () => resolve(Date.now()), { capture: true, once: true });
  });
});

/** When the second picture of a screen is on show in this page, by the clock of the machine. */
const secondPicture = (visitor) => visitor.evaluate(() => new Promise((resolve) => {
  const observer = new MutationObserver(look);
  observer.observe(document.getElementById('stage'), { childList: true });
  look();
  function look() {
    const video = document.querySelector('[data-screen] video');
    if (!video) return;
    observer.disconnect();
    let pictures = 0;
    const count = () => {
      pictures += 1;
      if (pictures === 2) resolve(Date.now());
      else video.requestVideoFrameCallback(count);
    };
    video.requestVideoFrameCallback(count);
  }
}));

const seesNoScreen = (visitor) =>
  eventually(`${visitor.name} sees no screen`, async () => {
    const tiles = await visitor.tiles();
    return tiles.every(({ isScreen, sharing }) => !isScreen && sharing === 'false');
  });

const slotStates = async (visitor) => {
  const { microphone, camera, screen } = (await visitor.snapshot()).self;
  return [microphone.state, camera.state, screen.state].join();
};

describe('a shared screen', () => {
  const chromium = useChromium();

  it(`moves on the other's page within ${SCREEN_WITHIN_MS} ms of the click`, LIMIT,
    inHouse(chromium, async (house, t) => {
      const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
      await mediaFlows([ana, ben]);
      for (let time = 0; time < 3; time += 1) {
        await startClock(ana);
        const shown = secondPicture(ben);
        await ana.press('Share screen');
        const took = await shown - await ana.evaluate(() => window.clicked);
        t.diagnostic(`the second picture is on show after ${took} ms`);
        assert.ok(took < SCREEN_WITHIN_MS, `${took} ms`);
        await ana.press('Stop sharing');
        await Promise.all([ana, ben].map(seesNoScreen));
      }
      await checkMesh([ana, ben]);
    }));

  it('reaches everybody in a tile of its own and goes by the button', LIMIT,
    inHouse(chromium, async (house, t) => {
      const all = [await house.join(ANA), await house.join(BEN), await house.join(CLEO)];
      await mediaFlows(all);
      const [ana, ben, cleo] = all;
      for (let time = 0; time < 2; time += 1) {
        const began = performance.now();
        await ana.press('Share screen');
        await Promise.all([ben, cleo].map(seesScreenOfAna));
        t.diagnostic(`the screen moves after ${Math.round(performance.now() - began)} ms`);
        const own = await ana.tileOf('Ana', { isScreen: true });
        assert.ok(own?.isSelf, 'one sees what one shares');
        await mediaFlows(all);
        await ana.press('Stop sharing');
        await Promise.all(all.map(seesNoScreen));
        const live = await ana.evaluate(() => window.probe.tracks
          .filter(({ readyState }) => readyState === 'live').map(({ kind }) => kind).sort());
        assert.deepEqual(live, ['audio', 'video']);
      }
      await checkMesh(all);
    }));

  it('goes when the browser’s own "stop sharing" ends it', LIMIT,
    inHouse(chromium, async (house) => {
      const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
      await mediaFlows([ana, ben]);
      for (let time = 0; time < 2; time += 1) {
        await ana.press('Share screen');
        await seesScreenOfAna(ben);
        await ana.evaluate(() => {
          // What the browser does: the track is over, then the page is told.
          const track = window.probe.tracks.at(-1);
          track.stop();
          track.dispatchEvent(new Event('ended'));
        });
        await Promise.all([ana, ben].map(seesNoScreen));
        await ana.button('Share screen').waitFor();
      }
      await mediaFlows([ana, ben]);
      await checkMesh([ana, ben]);
    }));

  it('a declined choice of a screen is no error', LIMIT, inHouse(chromium, async (house) => {
    const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
    await mediaFlows([ana, ben]);
    await ana.evaluate(() => {
      navigator.mediaDevices.getDisplayMedia = async () => {
        throw new DOMException('Permission denied', 'NotAllowedError');
      };
    });
    await ana.press('Share screen');
    await ana.page.getByText('Your screen isn’t shared.').first().waitFor({ timeout: 10_000 });
    await seesNoScreen(ben);
    await ana.button('Share screen').waitFor();
  }));

  it('can come from somebody who joined without any device', LIMIT,
    inHouse(chromium, async (house) => {
      const ben = await house.join(BEN);
      const ana = await house.join({
        name: 'Ana', probe: { refuse: { audio: 'NotFoundError', video: 'NotFoundError' } },
      });
      ana.allow(/^report media_missing/);
      await eventually('Ben is connected to Ana', async () =>
        (await ben.tileOf('Ana'))?.connection === 'connected');
      await ana.press('Share screen');
      await seesScreenOfAna(ben);
      await ana.press('Stop sharing');
      await Promise.all([ana, ben].map(seesNoScreen));
      await checkMesh([ana, ben]);
    }));

  it(`${TOGGLES} times on and off cost no offer, m-line or transceiver`, LIMIT,
    inHouse(chromium, async (house, t) => {
      const all = [await house.join(ANA), await house.join(BEN), await house.join(CLEO)];
      await mediaFlows(all);
      await checkMesh(all);
      const [ana, ...others] = all;
      const offersOf = () => Promise.all(all.map(async (each) =>
        (await each.connections()).offers));
      const before = await offersOf();
      const wish = (on) => ana.evaluate((wanted) => {
        const { meeting } = window;
        meeting.setMicrophone(wanted);
        meeting.setCamera(wanted);
        meeting.setScreen(wanted);
      }, on);
      const began = performance.now();
      for (let time = 0; time < TOGGLES; time += 1) {
        await wish(false);
        await eventually('all is off', async () => await slotStates(ana) === 'off,off,off');
        await wish(true);
        await eventually('all is on', async () => await slotStates(ana) === 'on,on,on');
      }
      t.diagnostic(`${Math.round((performance.now() - began) / TOGGLES)} ms each`);
      await Promise.all(others.map(seesScreenOfAna));
      await mediaFlows(all);
      await checkMesh(all);
      assert.deepEqual(await offersOf(), before);
    }));

  it(`${TOGGLES} changes of mind in one breath end where the last one says`, LIMIT,
    inHouse(chromium, async (house) => {
      const all = [await house.join(ANA), await house.join(BEN)];
      await mediaFlows(all);
      const [ana, ben] = all;
      // Faster than devices open, and faster than the server passes changes on.
      await ana.evaluate(async (times) => {
        const { meeting } = window;
        for (let time = 0; time < times; time += 1) {
          for (const on of [false, true]) {
            meeting.setMicrophone(on);
            meeting.setCamera(on);
          }
          await Promise.resolve();
        }
      }, TOGGLES);
      await eventually('all is on', async () => await slotStates(ana) === 'on,on,off');
      await eventually('Ben sees that all is on', async () => {
        const { muted, videoOff } = await ben.tileOf('Ana');
        return muted === 'false' && videoOff === 'false';
      }, 15_000);
      await mediaFlows(all);
      await checkMesh(all);
      const live = await ana.evaluate(() => window.probe.tracks
        .filter(({ readyState }) => readyState === 'live').map(({ kind }) => kind).sort());
      assert.deepEqual(live, ['audio', 'video']);
    }));
});
