// One pair breaks: it says so on its tile, with a way to mend it, and nobody else notices.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { io } from 'socket.io-client';

import { eventually, inHouse, LIMIT, mediaFlows, SMALL, useChromium } from './harness.mjs';

const PROBE = { capture: SMALL };

/** Answers wait until `window.settle(isTaken)` is called. */
function holdAnswers() {
  const { prototype } = RTCPeerConnection;
  const { setRemoteDescription } = prototype;
  prototype.setRemoteDescription = async function held(...parameters) {
    const isTaken = await new Promise((resolve) => { window.settle = resolve; });
    window.settle = null;
    if (!isTaken) throw new DOMException('This one is broken', 'OperationError');
    prototype.setRemoteDescription = setRemoteDescription;
    return this.setRemoteDescription(...parameters);
  };
}

/** What somebody's tile shows: whether that is a picture, and whether it is a last one. */
function lookAt(id) {
  const tile = document.querySelector(`[data-participant="${id}"]:not([data-screen])`);
  const still = tile.querySelector('.still');
  const shown = still.hidden ? tile.querySelector('video') : still;
  const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 24 });
  const context = canvas.getContext('2d');
  context.drawImage(shown, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const shades = new Set(data.filter((_, index) => index % 4 === 1));
  return {
    connection: tile.dataset.connection,
    isBlank: tile.dataset.blank === 'true',
    hasPicture: shades.size > 1,
    isStill: shown === still,
  };
}

describe('a pair that fails', () => {
  const chromium = useChromium();

  it('fails alone, says why, and is mended by Retry', LIMIT, inHouse(chromium, async (house) => {
    const ana = await house.join({ name: 'Ana', probe: PROBE });
    const ben = await house.join({ name: 'Ben', probe: PROBE });
    await mediaFlows([ana, ben]);
    // Who comes last makes both connections; the first of them is broken.
    const cleo = await house.join({ name: 'Cleo', probe: { ...PROBE, breaks: 1 } });
    cleo.allow(/^report negotiation_failed/);
    const failed = await eventually('a tile of Cleo’s shows that it failed', async () =>
      (await cleo.tiles()).find(({ connection }) => connection === 'failed'));
    const [broken, whole] = failed.name === 'Ana' ? [ana, ben] : [ben, ana];
    const tile = cleo.page.locator(`[data-participant="${failed.id}"]:not([data-screen])`);
    await tile.getByText('The browser refused a step of the negotiation '
      + '(OperationError: This one is broken).').waitFor();
    const retry = tile.getByRole('button', { name: 'Retry' });
    assert.equal(await retry.isVisible(), true);

    // The third one of this room: nothing was torn down, nothing stands still.
    await mediaFlows([cleo, whole], { besides: [broken.name] });
    await mediaFlows([ana, ben], { besides: ['Cleo'] });
    const before = await whole.connections();
    assert.equal(before.made, 2);
    assert.deepEqual(before.live.map(({ state }) => state), ['connected', 'connected']);

    await retry.click();
    await mediaFlows([ana, ben, cleo]);
    assert.equal(await tile.getAttribute('data-connection'), 'connected');
    assert.equal(await retry.isVisible(), false);
    assert.deepEqual(await whole.connections(), before);
    for (const visitor of [cleo, broken]) {
      const { made, live } = await visitor.connections();
      assert.deepEqual([made, live.length], [3, 2]);
    }
  }));

  it('keeps its last picture until it works again', LIMIT, inHouse(chromium, async (house) => {
    const ana = await house.join({ name: 'Ana', probe: PROBE });
    const ben = await house.join({ name: 'Ben', probe: PROBE });
    ana.allow(/^report negotiation_failed/);
    await mediaFlows([ana, ben]);
    const [idOfAna, idOfBen] = await Promise.all([ana.id(), ben.id()]);
    const last = { isBlank: false, hasPicture: true, isStill: true };
    const answerComes = () => eventually('the answer to a new connection', () =>
      ana.evaluate(() => Boolean(window.settle)));
    const settles = (isTaken) => ana.evaluate((taken) => window.settle(taken), isTaken);

    await ana.evaluate(holdAnswers);
    await ana.evaluate((id) => window.meeting.reconnect(id), idOfBen);
    await answerComes();
    for (const [visitor, other] of [[ana, idOfBen], [ben, idOfAna]]) {
      const tile = await visitor.evaluate(lookAt, other);
      assert.deepEqual(tile, { ...last, connection: 'reconnecting' });
    }
    await settles(false);
    const retry = ana.page.getByRole('button', { name: 'Retry' });
    await retry.waitFor();
    assert.deepEqual(await ana.evaluate(lookAt, idOfBen), { ...last, connection: 'failed' });

    await retry.click();
    await answerComes();
    assert.deepEqual(await ana.evaluate(lookAt, idOfBen), { ...last, connection: 'reconnecting' });
    await settles(true);
    await mediaFlows([ana, ben]);
    for (const [visitor, other] of [[ana, idOfBen], [ben, idOfAna]]) {
      await eventually('a picture that moves again', async () =>
        !(await visitor.evaluate(lookAt, other)).isStill);
      const tile = await visitor.evaluate(lookAt, other);
      assert.deepEqual(tile, { ...last, connection: 'connected', isStill: false });
    }
  }));
});

describe('a participant that goes on elsewhere', () => {
  const chromium = useChromium();

  it('is told so where it was', LIMIT, inHouse(chromium, async (house, t) => {
    const ana = await house.join({ name: 'Ana', probe: PROBE });
    ana.allow(/^report displaced/);
    const { room } = await ana.snapshot();
    const trace = await ana.evaluate(() => window.meeting.trace({ full: true }));
    const [, resume] = /"resumeToken":"([^"]+)"/u.exec(trace);
    const socket = io(house.url, { transports: ['websocket'], forceNew: true });
    t.after(() => socket.disconnect());
    socket.emit('join-room', { roomId: room, userName: 'Ana', protocol: 2, resume });
    await eventually('the page has left the call', () => ana.page.isVisible('#left'));
    assert.equal(await ana.page.textContent('#left-title'), 'The call has ended here');
    assert.match(await ana.page.textContent('#left-error'), /taken over by another page/u);
    await ana.page.click('#rejoin');
    await ana.untilJoined();
    await ana.button('Leave').click();
    await eventually('the page has left the call', () => ana.page.isVisible('#left'));
    assert.equal(await ana.page.textContent('#left-title'), 'You left');
    assert.equal(await ana.page.textContent('#left-error'), '');
  }));
});
