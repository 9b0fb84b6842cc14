// Who is here and how: arriving, leaving, coming back, muting, renaming, chatting.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  checkMesh, eventually, inHouse, LIMIT, mediaFlows, SMALL, useChromium,
} from './harness.mjs';

const ANA = { name: 'Ana', probe: { capture: SMALL } };
const BEN = { name: 'Ben', probe: { capture: SMALL } };
const CLEO = { name: 'Cleo', probe: { capture: SMALL } };

const sees = (visitor, what, check) =>
  eventually(`${visitor.name} sees ${what}`, async () => check(await visitor.tiles()));

const seesNames = (visitor, ...names) => sees(visitor, names.join(', '), (tiles) =>
  tiles.map(({ name }) => name).sort().join() === names.sort().join());

/** Waits for the tile of somebody to have these attributes. */
const seesTile = (visitor, name, expected) =>
  eventually(`${visitor.name} sees ${name} with ${JSON.stringify(expected)}`, async () => {
    const tile = await visitor.tileOf(name);
    return tile && Object.entries(expected).every(([key, value]) => tile[key] === value);
  });

describe('coming and going', () => {
  const chromium = useChromium();

  const departures = {
    'closes the tab': (page) => page.close(),
    'goes to another page': (page) => page.goto('about:blank'),
    'loses the browser in a crash': (page) => page.goto('chrome://crash').catch(() => {}),
  };
  for (const [way, how] of Object.entries(departures)) {
    it(`somebody who ${way} disappears from every grid`, LIMIT,
      inHouse(chromium, async (house, t) => {
        const [ana, ben, cleo] = [
          await house.join(ANA), await house.join(BEN), await house.join(CLEO),
        ];
        await mediaFlows([ana, ben, cleo]);
        const began = performance.now();
        await house.goes(cleo, how);
        await Promise.all([seesNames(ana, 'Ana', 'Ben'), seesNames(ben, 'Ana', 'Ben')]);
        t.diagnostic(`gone after ${Math.round(performance.now() - began)} ms`);
        await checkMeshOfRest([ana, ben]);
        await mediaFlows([ana, ben]);
      }));
  }

  it('somebody who leaves and comes back is one tile', LIMIT, inHouse(chromium, async (house) => {
    const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
    await mediaFlows([ana, ben]);
    for (let time = 0; time < 3; time += 1) {
      await ben.press('Leave');
      await seesNames(ana, 'Ana');
      await ben.press('Rejoin');
      await ben.untilJoined();
      await seesNames(ana, 'Ana', 'Ben');
      await seesNames(ben, 'Ana', 'Ben');
      await mediaFlows([ana, ben]);
    }
    await checkMeshOfRest([ana, ben]);
  }));

  it('somebody who reloads the page is one tile', LIMIT, inHouse(chromium, async (house) => {
    const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
    await mediaFlows([ana, ben]);
    await ben.page.reload();
    await ben.untilJoined();
    await seesNames(ana, 'Ana', 'Ben');
    await mediaFlows([ana, ben]);
    await checkMeshOfRest([ana, ben]);
  }));

  it('nothing of ours remains after everybody has left', LIMIT, inHouse(chromium, async (house) => {
    const all = [await house.join(ANA), await house.join(BEN), await house.join(CLEO)];
    await mediaFlows(all);
    await all[0].press('Share screen');
    await sees(all[2], 'the screen', (tiles) => tiles.some(({ isScreen }) => isScreen));
    for (const visitor of all) await visitor.press('Leave');
    for (const visitor of all) {
      await visitor.page.getByRole('heading', { name: 'You left' }).waitFor();
      let left = [];
      await eventually(`${visitor.name} lets go of everything`, async () => {
        left = await visitor.leftovers();
        return left.length === 0;
      }, 10_000).catch((error) => assert.fail(`${error.message}: ${left.join('\n')}`));
      assert.deepEqual(await visitor.tiles(), []);
    }
    await eventually('the server has forgotten the room', async () => {
      const { rooms, participants } = await (await fetch(`${house.url}/health`)).json();
      return rooms === 0 && participants === 0;
    });
  }));

  it('nothing of ours remains when one leaves from the lobby', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.visit(ANA);
      await ana.untilReady();
      await ana.evaluate(() => window.meeting.leave());
      const ours = /RTCPeerConnection|track|WebSocket|timer/; // the page itself stays in its lobby
      assert.deepEqual((await ana.leftovers()).filter((what) => ours.test(what)), []);
    }));
});

/** As checkMesh(), for those who have had other connections before. */
async function checkMeshOfRest(visitors) {
  for (const visitor of visitors) {
    await eventually(`${visitor.name} has one connection to each`, async () => {
      const { live } = await visitor.connections();
      return live.length === visitors.length - 1
        && live.every(({ transceivers, mediaLines }) => transceivers === 3 && mediaLines === 3);
    });
  }
}

describe('what the others see', () => {
  const chromium = useChromium();

  it('mute and stop video show on the others’ tiles, and are undone', LIMIT,
    inHouse(chromium, async (house) => {
      const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
      await mediaFlows([ana, ben]);
      await seesTile(ben, 'Ana', { muted: 'false', videoOff: 'false', sharing: 'false' });
      await ana.press('Mute');
      await seesTile(ben, 'Ana', { muted: 'true', videoOff: 'false' });
      await seesTile(ana, 'Ana', { muted: 'true', videoOff: 'false' });
      await ana.press('Stop video');
      await seesTile(ben, 'Ana', { muted: 'true', videoOff: 'true' });
      // A camera that is off is off: its light goes out.
      assert.deepEqual(await ana.evaluate(() => window.probe.tracks
        .filter(({ kind, readyState }) => kind === 'video' && readyState === 'live').length), 0);
      await ana.press('Unmute');
      await seesTile(ben, 'Ana', { muted: 'false', videoOff: 'true' });
      await ana.press('Start video');
      await seesTile(ben, 'Ana', { muted: 'false', videoOff: 'false' });
      await mediaFlows([ana, ben]);
      await checkMesh([ana, ben]);
    }));

  it('a muted microphone sends nothing', LIMIT, inHouse(chromium, async (house) => {
    const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
    await mediaFlows([ana, ben]);
    await ana.press('Mute');
    await seesTile(ben, 'Ana', { muted: 'true' });
    const after = async (frames) => {
      const { cameraFrames } = (await ben.inbound())[0];
      return eventually(`${frames} more pictures`, async () => {
        const [now] = await ben.inbound();
        return now.cameraFrames >= cameraFrames + frames && now;
      });
    };
    const before = await after(5); // by then what was on its way has arrived
    const later = await after(20);
    assert.equal(later.audioPackets, before.audioPackets);
  }));

  it('somebody who comes late sees the present state at once', LIMIT,
    inHouse(chromium, async (house) => {
      const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
      await ana.press('Mute');
      await ana.press('Stop video');
      await ben.press('Share screen');
      await sees(ana, 'the screen', (tiles) => tiles.some(({ isScreen }) => isScreen));
      await seesTile(ben, 'Ana', { muted: 'true', videoOff: 'true' });
      // What is on the first tiles the page ever shows, before any further message.
      const cleo = await house.visit(CLEO);
      await cleo.untilReady();
      await cleo.evaluate(() => {
        window.first = new Promise((resolve) => {
          window.meeting.on('change', ({ connection, participants }) => {
            if (connection === 'joined') resolve(participants);
          });
        });
      });
      await cleo.press('Join');
      const first = await cleo.evaluate(() => window.first);
      const state = Object.fromEntries(first.map(({ name, muted, videoOff, sharing }) =>
        [name, { muted, videoOff, sharing }]));
      assert.deepEqual(state, {
        Ana: { muted: true, videoOff: true, sharing: false },
        Ben: { muted: false, videoOff: false, sharing: true },
        Cleo: { muted: false, videoOff: false, sharing: false },
      });
      await cleo.untilJoined();
      await seesTile(cleo, 'Ana', { muted: 'true', videoOff: 'true', sharing: 'false' });
      await seesTile(cleo, 'Ben', { muted: 'false', videoOff: 'false', sharing: 'true' });
      await sees(cleo, 'Ben’s screen in motion', (tiles) =>
        tiles.some(({ name, isScreen, shows }) => name === 'Ben' && isScreen && shows));
    }));

  it('somebody who muted in the lobby is muted from the start', LIMIT,
    inHouse(chromium, async (house) => {
      const ben = await house.join(BEN);
      const ana = await house.visit(ANA);
      await ana.untilReady();
      await ana.press('Mute');
      await ana.press('Stop video');
      await ana.press('Join');
      await ana.untilJoined();
      await seesTile(ben, 'Ana', { muted: 'true', videoOff: 'true', connection: 'connected' });
      await ana.press('Unmute');
      await ana.press('Start video');
      await seesTile(ben, 'Ana', { muted: 'false', videoOff: 'false' });
      await mediaFlows([ana, ben]);
      await checkMesh([ana, ben]);
    }));

  it('a new name reaches every tile', LIMIT, inHouse(chromium, async (house) => {
    const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
    await mediaFlows([ana, ben]);
    await ana.evaluate(() => window.meeting.rename('Anastasia'));
    await seesNames(ana, 'Anastasia', 'Ben');
    await seesNames(ben, 'Anastasia', 'Ben');
    await checkMesh([ana, ben]);
  }));

  it('everybody agrees on who receives whom', LIMIT, inHouse(chromium, async (house) => {
    const all = [await house.join(ANA), await house.join(BEN), await house.join(CLEO)];
    await mediaFlows(all);
    for (const visitor of all) {
      await eventually(`${visitor.name} knows that all receive all`, async () => {
        const { links } = await visitor.snapshot();
        return links.length === 6 && links.every(({ receives }) => receives);
      });
    }
  }));
});

describe('chat', () => {
  const chromium = useChromium();

  it('a message arrives and is marked unread until it is read', LIMIT,
    inHouse(chromium, async (house) => {
      const [ana, ben] = [await house.join(ANA), await house.join(BEN)];
      await seesNames(ana, 'Ana', 'Ben');
      await ana.press('Chat');
      const write = async (text) => {
        await ana.page.getByRole('textbox', { name: 'Write a message' }).fill(text);
        await ana.page.keyboard.press('Enter');
      };
      await write('Hello <b>Ben</b>');
      await write('Second');
      const badge = ben.button('Chat').locator('.badge');
      await eventually('Ben has two unread messages', async () =>
        await badge.isVisible() && await badge.textContent() === '2');
      assert.match(await ben.page.title(), /^\(2\) /);
      await ben.press('Chat');
      assert.equal(await badge.isVisible(), false);
      const log = ben.page.getByRole('log', { name: 'Messages' });
      const messages = await log.locator('.message-text').allTextContents();
      assert.deepEqual(messages, ['Hello <b>Ben</b>', 'Second']);
      assert.equal(await log.locator('bdi').first().textContent(), 'Ana');
      assert.equal(await log.locator('b').count(), 0);
      await ana.page.getByRole('log', { name: 'Messages' }).getByText('Second').waitFor();
      await write('Third');
      await log.getByText('Third').waitFor();
      assert.equal(await badge.isVisible(), false);
    }));
});
