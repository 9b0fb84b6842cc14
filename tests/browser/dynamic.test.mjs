// Media that changes in the call: toggled, switched, replaced by the application's own, hidden.
// Whatever happens, the media lines of the first negotiation serve it, and nobody offers again.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  checkMesh, eventually, inHouse, LIMIT, mediaFlows, TINY, useChromium,
} from './harness.mjs';

const PROBE = { capture: TINY };
const TOGGLES = 50;

async function twoInACall(house) {
  const ana = await house.join({ name: 'Ana', probe: PROBE });
  const ben = await house.join({ name: 'Ben', probe: PROBE });
  await mediaFlows([ana, ben]);
  return { ana, ben, before: [await ana.connections(), await ben.connections()] };
}

/** The same connections with the same three lines, and not one offer more. */
async function isUnchanged({ ana, ben, before }) {
  assert.deepEqual([await ana.connections(), await ben.connections()], before);
  for (const { live: [{ transceivers, mediaLines }] } of before) {
    assert.deepEqual([transceivers, mediaLines], [3, 3]);
  }
}

const untilOn = (visitor, slot) => eventually(`${visitor.name}'s ${slot} is on`, async () =>
  (await visitor.snapshot()).self[slot].state === 'on');

/** What Ana's connection sends now: the id of the track of each kind. */
const sent = ({ page }) => page.evaluate(() => {
  const [pc] = window.probe.connections.filter(({ signalingState }) => signalingState !== 'closed');
  return pc.getSenders().map(({ track }) => track?.id ?? null);
});

describe('media that changes in the call', () => {
  const chromium = useChromium();

  it(`${TOGGLES} toggles of everything make no line and no offer`, LIMIT,
    inHouse(chromium, async (house) => {
      const room = await twoInACall(house);
      const { ana, ben } = room;
      await ana.evaluate(async (times) => {
        const { meeting } = window;
        const turn = () => new Promise((resolve) => { setTimeout(resolve, 0); });
        for (let time = 0; time < times; time += 1) {
          meeting.setCamera(time % 2 === 1);
          meeting.setMicrophone(time % 2 === 1);
          if (time % 10 === 0) meeting.setScreen(true);
          if (time % 10 === 5) meeting.setScreen(false);
          if (time % 3 === 0) await turn(); // some at once, some one after the other
        }
        meeting.setScreen(false);
        meeting.setCamera(true);
        meeting.setMicrophone(true);
      }, TOGGLES);
      await untilOn(ana, 'camera');
      await untilOn(ana, 'microphone');
      await eventually('Ben hears of the end of it', async () => {
        const tile = await ben.tileOf('Ana');
        return tile?.muted === 'false' && tile.videoOff === 'false' && tile.sharing === 'false';
      });
      await mediaFlows([ana, ben]);
      await isUnchanged(room);
      await checkMesh([ana, ben]);
    }));

  it('another camera and microphone are switched to without an offer', LIMIT,
    inHouse(chromium, async (house) => {
      const room = await twoInACall(house);
      const { ana, ben } = room;
      const before = await sent(ana);
      const devices = await ana.evaluate(async () => (
        await navigator.mediaDevices.enumerateDevices()).map(({ kind, deviceId }) =>
        ({ kind, deviceId })));
      for (const [kind, method, slot] of [
        ['audioinput', 'setMicrophone', 'microphone'], ['videoinput', 'setCamera', 'camera'],
      ]) {
        const { deviceId } = devices.filter((each) => each.kind === kind).at(-1);
        await ana.evaluate(([name, id]) => window.meeting[name](id), [method, deviceId]);
        await untilOn(ana, slot);
      }
      await eventually('both tracks are others', async () => {
        const now = await sent(ana);
        return now[0] !== before[0] && now[1] !== before[1] && now[0] && now[1];
      });
      await mediaFlows([ana, ben]);
      await isUnchanged(room);
    }));

  it('the application’s own stream takes the place of the devices, which are let go of', LIMIT,
    inHouse(chromium, async (house) => {
      const room = await twoInACall(house);
      const { ana, ben } = room;
      const devices = await sent(ana);
      const own = await ana.evaluate(() => {
        const canvas = document.createElement('canvas');
        Object.assign(canvas, { width: 320, height: 180 });
        const context = canvas.getContext('2d');
        let shade = 0;
        window.drawing = setInterval(() => {
          shade = (shade + 16) % 256;
          context.fillStyle = `rgb(${shade} 64 128)`;
          context.fillRect(0, 0, 320, 180);
        }, 50);
        const audio = new AudioContext();
        const tone = audio.createOscillator();
        const output = audio.createMediaStreamDestination();
        tone.connect(output);
        tone.start();
        window.own = new MediaStream([
          ...canvas.captureStream(20).getVideoTracks(), ...output.stream.getAudioTracks(),
        ]);
        window.meeting.updateStream(window.own);
        const [[sound], [picture]] = [window.own.getAudioTracks(), window.own.getVideoTracks()];
        return { audio: sound.id, video: picture.id };
      });
      await eventually('the stream is sent', async () =>
        JSON.stringify((await sent(ana)).slice(0, 2)) === JSON.stringify([own.audio, own.video]));
      await eventually('Ben sees it', () => ben.evaluate(() => {
        const { id } = window.meeting.snapshot.participants.find(({ name }) => name === 'Ana');
        const [track] = window.meeting.streamOf(id, 'camera').getVideoTracks();
        return track.getSettings().width === 320 && track.getSettings().height === 180;
      }));
      const states = await ana.evaluate((ids) => window.probe.tracks
        .filter(({ id }) => ids.includes(id)).map(({ readyState }) => readyState), devices);
      assert.deepEqual(states, ['ended', 'ended']);
      await isUnchanged(room);

      // Without sound now, and then with the devices again.
      await ana.evaluate(() => window.meeting.updateStream(
        new MediaStream(window.own.getVideoTracks())));
      await eventually('Ben hears of it', async () => (await ben.tileOf('Ana')).muted === 'true');
      assert.equal((await sent(ana))[1], own.video);
      await ana.evaluate(() => {
        window.meeting.setCamera('default');
        window.meeting.setMicrophone('default');
      });
      await untilOn(ana, 'camera');
      await isUnchanged(room);
      assert.deepEqual(await ana.evaluate(() =>
        window.own.getTracks().map(({ readyState }) => readyState)), ['live', 'live'],
      'the application’s own are not ours to stop');
      await ana.evaluate(() => clearInterval(window.drawing));
    }));

  it('a page that is hidden and shown again goes on with the call as it was', LIMIT,
    inHouse(chromium, async (house) => {
      const room = await twoInACall(house);
      const { ana, ben } = room;
      const before = await sent(ana);
      for (const state of ['hidden', 'visible', 'hidden', 'visible']) {
        await ana.evaluate((visibility) => {
          Object.defineProperty(document, 'visibilityState', {
            get: () => visibility, configurable: true,
          });
          document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
        }, state);
        await mediaFlows([ana, ben]);
      }
      assert.deepEqual(await sent(ana), before);
      await isUnchanged(room);
    }));
});
