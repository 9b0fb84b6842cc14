// usePeerConnections() in an application that owns socket, room and media, as dvMeet's does.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { eventually } from '../browser/harness.mjs';
import { seesMoving, visit } from './people.mjs';

const LIMIT = { timeout: 120_000 };

/** Opens a camera, or a screen drawn in a colour of its own, and hands it to the hook. */
const show = ({ page }, kind) => page.evaluate(async (what) => {
  let stream;
  if (what === 'camera') {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320 } });
  } else {
    const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 360 });
    const context = canvas.getContext('2d');
    setInterval(() => {
      context.fillStyle = `hsl(${Math.floor(performance.now() / 10) % 360} 90% 50%)`;
      context.fillRect(0, 0, 480, 360);
    }, 50);
    stream = canvas.captureStream(20);
  }
  window.app.set({ stream });
}, kind);

const set = ({ page }, change) => page.evaluate((changes) => window.app.set(changes), change);

const state = ({ page }) => page.evaluate(() => window.app.hook && ({
  peers: Object.keys(window.app.hook.peerStreams),
  isConnecting: window.app.hook.isConnecting,
  connectionError: window.app.hook.connectionError,
}));

const socketId = ({ page }) => page.evaluate(() => window.app.socket?.id);
const widthSeen = ({ page }) => page.evaluate(() => document.querySelector('video')?.videoWidth);
const counts = ({ page }) => page.evaluate(() => ({
  made: window.app.connections.length,
  open: window.app.connections.filter((each) => each.signalingState !== 'closed').length,
}));

/**
 * @param {object} on
 * @param {() => any} on.chromium
 * @param {() => Promise<{url: string, close: () => Promise<void>}>} on.open
 */
export const describeHooks = ({ chromium, open }) => describe('dvMeet’s hook', () => {
  let place;
  let ana;
  let ben;

  /** Each has the other's stream, by the id of its socket, and the picture moves. */
  async function seeEachOther() {
    for (const [one, other] of [[ana, ben], [ben, ana]]) {
      await eventually('the hook has settled', async () => {
        const now = await state(one);
        const id = await socketId(other);
        return now?.peers.length === 1 && now.peers[0] === id && !now.isConnecting;
      });
      await seesMoving(one, 1);
      assert.equal((await state(one)).connectionError, null);
    }
  }

  before(async () => {
    place = await open();
    ana = await visit(chromium(), `${place.url}hooks.html`);
    ben = await visit(chromium(), `${place.url}hooks.html`);
  });
  after(async () => {
    for (const person of [ana, ben]) await person?.close();
    await place?.close();
  });

  it('connects once there is a stream', LIMIT, async () => {
    await eventually('the hook is there', () => state(ana));
    assert.deepEqual(await state(ana), { peers: [], isConnecting: false, connectionError: null });
    for (const person of [ana, ben]) await show(person, 'camera');
    await seeEachOther();
    for (const person of [ana, ben]) assert.equal((await counts(person)).open, 1);
    // What the application joined as is what the others know it by.
    const heard = await ana.page.evaluate(() => window.app.heard);
    assert.equal(heard.filter((name) => name === 'participants-list').length, 1);
  });

  it('sends a screen and the camera again in place', LIMIT, async () => {
    const made = await counts(ben);
    await show(ana, 'screen');
    await eventually('the screen is seen', async () => await widthSeen(ben) === 480);
    await seeEachOther();
    await show(ana, 'camera');
    await eventually('the camera is seen', async () => await widthSeen(ben) === 320);
    await seeEachOther();
    assert.deepEqual(await counts(ben), made);
  });

  it('lets go when it is unmounted, and comes back', LIMIT, async () => {
    await set(ana, { shown: false });
    await eventually('it is closed', async () => (await counts(ana)).open === 0);
    await set(ana, { shown: true });
    await seeEachOther();
  });

  it('follows a change of rooms', LIMIT, async () => {
    await set(ana, { room: 'other' });
    await eventually('Ben is alone', async () => (await state(ben)).peers.length === 0);
    await set(ben, { room: 'other' });
    await seeEachOther();
  });

  it('comes back with a socket that reconnects', LIMIT, async () => {
    const former = await socketId(ana);
    await ana.page.evaluate(() => window.app.socket.io.engine.close());
    await eventually('the socket is another one', async () => {
      const now = await socketId(ana);
      return now && now !== former;
    });
    await seeEachOther();
    assert.deepEqual([...ana.complaints, ...ben.complaints], []);
  });
});
