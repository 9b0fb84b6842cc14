// Clients and servers that know dvMeet's messages and nothing of ours.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import {
  eventually, here, inHouse, LIMIT, mediaFlows, repeats, SMALL, startStaticHost, useChromium,
  Visitor,
} from './harness.mjs';
import { startPlainServer } from './plain/server.mjs';

const ROOM = 'standup';
const TIMES = repeats(2); // offers cross within milliseconds, or they don't
const OURS = { name: 'Ours', room: ROOM, probe: { capture: SMALL } };
const SCREEN_IS_WIDER_THAN = 320; // the camera's pixels, on both sides

/** Ids that nearly all others are greater or less than: the server makes them up. */
const FIRST_IDS = '^[-0-2]';
const LAST_IDS = '^[x-z]';

describe('a plain client', () => {
  const chromium = useChromium();
  let host;
  before(async () => {
    host = await startStaticHost({
      '/socket.io/': path.join(here, '..', 'node_modules', 'socket.io-client', 'dist'),
      '/': path.join(here, 'plain'),
    });
  });
  after(() => host?.close());

  async function openPlain(house) {
    const context = await house.browser.newContext();
    const page = await context.newPage();
    const visitor = house.admit(new Visitor(page, 'Plain'), context);
    visitor.allow(/status of 400/); // a socket thrown away while its polling was on the way
    visitor.describe = async () => `Plain: ${JSON.stringify(await page.evaluate(() => [
      window.plain.states(), window.plain.problems,
      window.plain.heard.map(([name, { fromId, sdp } = {}]) => [name, fromId, sdp?.type].join(' ')),
    ]))} ${visitor.complaints.join('\n')}`;
    await page.goto(`${host.url}/`);
    return visitor;
  }

  const joinPlain = (plain, house, idShape, answers = false) => plain.evaluate(
    (wishes) => window.plain.join(wishes),
    { url: house.url, roomId: ROOM, userName: 'Plain', idShape, answers });

  /** Both sides see and hear new things of each other. */
  async function bothWays(ours, plain) {
    const received = (visitor) => visitor.evaluate(() => window.plain.receive());
    const [plainBefore] = await received(plain);
    const [oursBefore] = await ours.inbound();
    let now;
    await eventually('media flows both ways', async () => {
      now = { ours: (await ours.inbound())[0], plain: (await received(plain))[0] };
      return now.plain && now.ours
        && now.plain.frames > (plainBefore?.frames ?? 0) && now.plain.shows
        && now.plain.packets > (plainBefore?.packets ?? 0)
        && now.ours.cameraFrames > (oursBefore?.cameraFrames ?? 0)
        && now.ours.audioPackets > (oursBefore?.audioPackets ?? 0)
        && (await ours.tileOf('Plain'))?.shows;
    }).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(now)}`));
    await minds(plain);
  }

  /**
   * What the plain client would have logged. When offers cross, one of its own steps comes too late
   * for the state it is in by then, and it says so; no harm is done.
   */
  async function minds(plain) {
    const problems = await plain.evaluate(() => window.plain.problems);
    const harmless = /^(offer|answer): InvalidStateError/;
    assert.deepEqual(problems.filter((text) => !harmless.test(text)), []);
  }

  const hears = (plain, name, check) => eventually(`the plain client hears ${name}`, async () =>
    (await plain.evaluate(() => window.plain.heard))
      .some(([heard, payload]) => heard === name && check(payload)));

  const width = async (plain) => (await plain.evaluate(() => window.plain.receive()))[0]?.width;

  const orders = {
    async 'comes first'(house, ...how) {
      const plain = await openPlain(house);
      await joinPlain(plain, house, ...how);
      return [await house.join(OURS), plain];
    },
    async 'comes second'(house, ...how) {
      const ours = await house.join(OURS);
      const plain = await openPlain(house);
      await joinPlain(plain, house, ...how);
      return [ours, plain];
    },
  };
  const anyOrigin = { origins: ['*'] };

  for (const [order, enter] of Object.entries(orders)) {
    for (const [role, idShape] of [['polite', LAST_IDS], ['impolite', FIRST_IDS]]) {
      for (let time = 1; time <= TIMES; time += 1) {
        it(`that ${order}, ours being ${role}: media flows both ways, ${time} of ${TIMES}`, LIMIT,
          inHouse(chromium, async (house, t) => {
            const began = performance.now();
            const [ours, plain] = await enter(house, idShape);
            await bothWays(ours, plain);
            const { made, live } = await ours.connections();
            t.diagnostic(`both ways after ${Math.round(performance.now() - began)} ms, `
              + `${made} connections made`);
            assert.equal(live.length, 1);
            assert.equal((await ours.tiles()).length, 2);
            await plain.evaluate(() => window.plain.leave());
            await eventually('the plain client’s tile goes', async () =>
              (await ours.tiles()).length === 1);
          }, anyOrigin));
      }
    }

    it(`that ${order} and never offers is offered to`, LIMIT, inHouse(chromium, async (house) => {
      const [ours, plain] = await enter(house, '', true);
      await bothWays(ours, plain);
      assert.deepEqual(await plain.evaluate(() => window.plain.problems), []);
    }, anyOrigin));

    it(`that ${order} sees our screen, our state and our words`, LIMIT,
      inHouse(chromium, async (house) => {
        const [ours, plain] = await enter(house, '');
        await bothWays(ours, plain);
        const id = await ours.id();
        const isOurs = ({ socketId }) => socketId === id;
        assert.equal(await width(plain), SMALL.width);

        await ours.press('Share screen');
        await hears(plain, 'screen-share-started', isOurs);
        await eventually('the plain client sees the screen', async () =>
          await width(plain) > SCREEN_IS_WIDER_THAN);
        await bothWays(ours, plain);
        await ours.press('Stop sharing');
        await hears(plain, 'screen-share-ended', isOurs);
        await eventually('the plain client sees the camera again', async () =>
          await width(plain) === SMALL.width);
        await bothWays(ours, plain);

        await ours.press('Mute');
        await hears(plain, 'media-state-updated', (state) =>
          isOurs(state) && state.isMuted === true && state.isVideoOff === false);
        await ours.press('Stop video');
        await hears(plain, 'media-state-updated', (state) =>
          isOurs(state) && state.isMuted === true && state.isVideoOff === true);
        await ours.press('Unmute');
        await ours.press('Start video');
        await bothWays(ours, plain);

        await plain.evaluate(() => window.plain.emit('media-state-change',
          { socketId: '', isMuted: true, isVideoOff: true }));
        await eventually('ours shows the plain client as muted', async () => {
          const { muted, videoOff } = await ours.tileOf('Plain');
          return muted === 'true' && videoOff === 'true';
        });

        await ours.evaluate(() => window.meeting.sendChat('Hello, plain'));
        await hears(plain, 'new-message', ({ sender, text }) =>
          sender === 'Ours' && text === 'Hello, plain');
        await plain.evaluate(() => window.plain.emit('send-message', {
          id: '1', sender: 'Plain', time: '10:30', text: 'Hello, ours',
        }));
        await eventually('ours reads the plain client', async () =>
          (await ours.snapshot()).chat.some(({ sender, text }) =>
            sender === 'Plain' && text === 'Hello, ours'));
      }, anyOrigin));
  }

  it('does no harm to two of ours in the same room', LIMIT, inHouse(chromium, async (house) => {
    const ana = await house.join({ ...OURS, name: 'Ana' });
    const plain = await openPlain(house);
    await joinPlain(plain, house, '');
    const ben = await house.join({ ...OURS, name: 'Ben' });
    const flowing = async (visitor) => {
      const inbound = await visitor.inbound();
      return inbound.length === 2
        && inbound.every(({ cameraFrames, audioPackets }) => cameraFrames > 0 && audioPackets > 0);
    };
    await eventually('everybody receives everybody', async () =>
      await flowing(ana) && await flowing(ben)
      && (await plain.evaluate(() => window.plain.receive()))
        .filter(({ frames, packets }) => frames > 0 && packets > 0).length === 2);
    await ana.press('Share screen');
    await eventually('Ben sees the screen beside the camera', async () =>
      (await ben.tileOf('Ana', { isScreen: true }))?.shows && (await ben.tileOf('Ana')).shows);
    await minds(plain);
  }, anyOrigin));
});

describe('a plain server', () => {
  const chromium = useChromium();
  let server;
  before(async () => {
    server = await startPlainServer();
  });
  after(() => server?.close());

  const guest = (name, room) => (
    { name, room, probe: { capture: SMALL }, query: { signaling: server.url } });

  it('brings two of ours together, one after the other', LIMIT, inHouse(chromium, async (house) => {
    const all = [await house.join(guest('Ana', 'one')), await house.join(guest('Ben', 'one'))];
    await mediaFlows(all);
    const [ana, ben] = all;
    for (const visitor of all) assert.equal((await visitor.connections()).live.length, 1);

    await ana.press('Mute');
    await eventually('Ben sees that Ana is muted', async () =>
      (await ben.tileOf('Ana')).muted === 'true');
    await ana.press('Unmute');
    await ana.evaluate(() => window.meeting.sendChat('Hello'));
    await eventually('Ben reads Ana', async () =>
      (await ben.snapshot()).chat.some(({ sender, text }) => sender === 'Ana' && text === 'Hello'));

    await ana.press('Share screen');
    await eventually('Ben sees that Ana shares', async () =>
      (await ben.tileOf('Ana')).sharing === 'true');
    await mediaFlows(all);
    await ana.press('Stop sharing');
    await mediaFlows(all);

    await ana.press('Leave');
    await eventually('Ben is alone', async () => (await ben.tiles()).length === 1);
    assert.equal(server.heard.some(([name]) => name === 'leave-room'), false);
  }));

  it('brings three of ours together, all at once', LIMIT, inHouse(chromium, async (house) => {
    const all = [];
    for (const name of ['Ana', 'Ben', 'Cleo']) all.push(await house.visit(guest(name, 'three')));
    for (const visitor of all) await visitor.untilReady();
    await Promise.all(all.map((visitor) =>
      visitor.button('Join').evaluate((button) => button.click())));
    await mediaFlows(all);
    for (const visitor of all) assert.equal((await visitor.connections()).live.length, 2);
  }));
});
