// The hooks in applications: usePeerConnections() where socket, room and media are the
// application's own, as in dvMeet's, and useMeeting() with a lobby.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { eventually } from '../browser/harness.mjs';
import { seesMoving, visit } from './people.mjs';

const LIMIT = { timeout: 120_000 };

/** Gives a page `window.openStream(kind)`: a camera, or a screen drawn in a colour of its own. */
const prepare = (page) => page.addInitScript(() => {
  window.openStream = async (kind) => {
    if (kind === 'camera') {
      return navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320 } });
    }
    const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 360 });
    const context = canvas.getContext('2d');
    setInterval(() => {
      context.fillStyle = `hsl(${Math.floor(performance.now() / 10) % 360} 90% 50%)`;
      context.fillRect(0, 0, 480, 360);
    }, 50);
    return canvas.captureStream(20);
  };
});

/** Hands the hook another stream. */
const show = ({ page }, kind) => page.evaluate(async (what) => {
  window.app.set({ stream: await window.openStream(what) });
}, kind);

/** As a browser that keeps the page while another one is looked at, and then shows it again. */
const hideAndShow = ({ page }) => page.evaluate(() => {
  window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
  window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
});

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
    ana = await visit(chromium(), `${place.url}hooks.html`, prepare);
    ben = await visit(chromium(), `${place.url}hooks.html`, prepare);
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
    const configurations = await ana.page.evaluate(() => window.app.configurations);
    assert.deepEqual(configurations.map(({ iceServers }) => iceServers.map(({ urls }) => urls)),
      configurations.map(() => [['stun:127.0.0.1:9']]));
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

  it('sends tracks that were exchanged within its stream', LIMIT, async () => {
    const made = await counts(ben);
    const update = (kind) => ana.page.evaluate(async (what) => {
      const { stream } = window.app.state;
      const [track] = (await window.openStream(what)).getVideoTracks();
      stream.removeTrack(stream.getVideoTracks()[0]);
      stream.addTrack(track);
      window.app.hook.updatePeerStreams(stream);
    }, kind);
    await update('screen');
    await eventually('the screen is seen', async () => await widthSeen(ben) === 480);
    await update('camera');
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

  it('follows its socket into another room', LIMIT, async () => {
    for (const person of [ana, ben]) await set(person, { keepsSocket: true });
    await seeEachOther();
    const ids = [await socketId(ana), await socketId(ben)];
    await set(ana, { room: 'third' });
    await eventually('Ben is alone', async () => (await state(ben)).peers.length === 0);
    await set(ben, { room: 'third' });
    await seeEachOther();
    assert.deepEqual([await socketId(ana), await socketId(ben)], ids);
  });

  it('says why it can’t connect, and begins anew', LIMIT, async () => {
    await set(ana, { shown: false });
    await ana.page.evaluate(() => window.app.set({
      shown: true, options: { ...window.app.state.options, wasm: new Uint8Array([0]) },
    }));
    await eventually('it is told', async () =>
      /could not be loaded/u.test((await state(ana))?.connectionError));
    assert.equal((await state(ana)).isConnecting, false);
    await ana.page.evaluate(() => {
      const { wasm, ...options } = window.app.state.options;
      window.app.set({ options });
      return wasm.length;
    });
    await ana.page.evaluate(() => window.app.hook.restart());
    await seeEachOther();
  });

  it('comes back with its page', LIMIT, async () => {
    const { made } = await counts(ana);
    await hideAndShow(ana);
    await eventually('it has begun anew', async () => (await counts(ana)).made > made);
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

const meeting = ({ page }) => page.evaluate(() => {
  const { use } = window.app;
  const { room, connection, self, participants } = use?.snapshot ?? {};
  return {
    room, connection, name: self?.name, error: use?.error?.code ?? null,
    others: participants?.filter(({ isSelf }) => !isSelf).map(({ name }) => name),
    isMade: Boolean(use?.meeting),
  };
});

/** @param {Parameters<typeof describeHooks>[0]} on */
export const describeUseMeeting = ({ chromium, open }) => describe('useMeeting()', () => {
  let place;
  let ana;
  let ben;

  const see = (person, others) => eventually(`${others.join()} is seen`, async () => {
    const now = await meeting(person);
    return now.connection === 'joined' && now.others?.join() === others.join();
  });

  before(async () => {
    place = await open();
    ana = await visit(chromium(), `${place.url}meeting.html`, prepare);
    ben = await visit(chromium(), `${place.url}meeting.html`, prepare);
  });
  after(async () => {
    for (const person of [ana, ben]) await person?.close();
    await place?.close();
  });

  it('joins by hand, under the latest name', LIMIT, async () => {
    for (const [person, names] of [[ana, ['A', 'Ana']], [ben, ['Ben']]]) {
      await eventually('there is a meeting', async () => (await meeting(person)).isMade);
      for (const name of names) await set(person, { name });
      const latest = names.at(-1);
      await eventually('it has the name', async () => (await meeting(person)).name === latest);
      assert.equal((await meeting(person)).connection, 'idle');
      await person.page.evaluate(() => window.app.use.meeting.join());
    }
    await see(ana, ['Ben']);
    await see(ben, ['Ana']);
    for (const person of [ana, ben]) await seesMoving(person, 1);
  });

  it('is renamed', LIMIT, async () => {
    await set(ana, { name: 'Anna' });
    await see(ben, ['Anna']);
  });

  it('asks for pictures as large as its tiles', LIMIT, async () => {
    const width = ({ page }) => page.evaluate(() => window.app.tile.videoWidth);
    await eventually('the picture is large', async () => await width(ben) > 320);
    await set(ben, { width: 160 });
    await eventually('the picture is small', async () => await width(ben) <= 320);
    await set(ben, { width: 640 });
    await eventually('the picture is large again', async () => await width(ben) > 320);
  });

  it('shows a screen beside the camera', LIMIT, async () => {
    await ana.page.evaluate(async () => {
      navigator.mediaDevices.getDisplayMedia = () => window.openStream('screen');
      window.app.use.meeting.setScreen(true);
    });
    await eventually('there is a screen', () => ben.page.evaluate(() =>
      document.querySelector('[data-screen]')?.videoWidth === 480));
    await seesMoving(ben, 2);
    await ana.page.evaluate(() => window.app.use.meeting.setScreen(false));
    await eventually('it is gone', () => ben.page.evaluate(() =>
      !document.querySelector('[data-screen]')));
  });

  it('sends another stream of the application’s', LIMIT, async () => {
    for (const [kind, width] of [['screen', 480], ['camera', 320]]) {
      await ana.page.evaluate(async (what) => {
        window.app.set({ media: await window.openStream(what) });
      }, kind);
      await eventually(`the ${kind} is seen`, () => ben.page.evaluate((wide) =>
        window.app.tile.videoWidth === wide, width));
    }
    await seesMoving(ben, 1);
  });

  it('goes to another room, and comes back with its page', LIMIT, async () => {
    for (const person of [ana, ben]) await set(person, { room: 'retro', autoJoin: true });
    await see(ana, ['Ben']);
    await see(ben, ['Anna']);
    assert.equal((await meeting(ana)).room, 'retro');
    const former = await ana.page.evaluateHandle(() => window.app.use.meeting);
    await hideAndShow(ana);
    await eventually('it has begun anew', () => ana.page.evaluate((left) =>
      window.app.use.meeting && window.app.use.meeting !== left, former));
    await see(ana, ['Ben']);
    await see(ben, ['Anna']);
    for (const person of [ana, ben]) {
      await seesMoving(person, 1);
      assert.equal((await meeting(person)).error, null);
      assert.deepEqual(person.complaints, []);
    }
  });
});
