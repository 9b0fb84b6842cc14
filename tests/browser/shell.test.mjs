// The page as a person meets it: names of the controls, keyboard, phone width, tiles, pictures.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';

import {
  BUILD, eventually, inHouse, LIMIT, mediaFlows, SMALL, useChromium,
} from './harness.mjs';

const PICTURES = path.join(BUILD, 'screenshots');
const PROBE = { capture: SMALL };
const DESK = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true };

/** Each is there once, in view, and a button. */
async function hasButtons(visitor, ...names) {
  for (const name of names) {
    const button = visitor.button(name).locator('visible=true');
    await button.waitFor({ timeout: 20_000 });
    assert.equal(await button.count(), 1, name);
  }
}

/** What sticks out of the window to the side. */
const overflow = (visitor) => visitor.evaluate(() => {
  const width = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth > width ? ['the page'] : [];
  for (const element of document.querySelectorAll('button, input, select, textarea, h1, h2, p')) {
    const { left, right, width: own } = element.getBoundingClientRect();
    const isShown = own > 1 && element.checkVisibility();
    if (isShown && !element.closest('.visually-hidden') && (left < -1 || right > width + 1)) {
      wide.push(element.id || element.getAttribute('aria-label') || element.textContent.trim());
    }
  }
  return wide;
});

/** Presses Tab until the focus is on the button of this name; at most once around the page. */
async function tabTo(visitor, name) {
  for (let steps = 0; steps < 60; steps += 1) {
    const focused = await visitor.evaluate(() => {
      const { activeElement: element } = document;
      return element?.ariaLabel ?? element?.textContent.trim();
    });
    if (focused === name) return;
    await visitor.page.keyboard.press('Tab');
  }
  assert.fail(`Tab never comes to ${name}`);
}

const focusIsVisible = (visitor) => visitor.evaluate(() => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
  return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none';
});

/** Two tiles that cover each other, or one that leaves the window. */
const misplaced = (visitor) => visitor.evaluate(() => {
  const boxes = [...document.querySelectorAll('[data-participant]')]
    .map((tile) => tile.getBoundingClientRect());
  const slack = 1;
  return boxes.flatMap((box, index) => [
    ...(box.left < -slack || box.top < -slack || box.right > innerWidth + slack
      || box.bottom > innerHeight + slack || box.width < 40 ? [`${index} out of view`] : []),
    ...boxes.slice(index + 1).filter((other) =>
      box.left < other.right - slack && other.left < box.right - slack
      && box.top < other.bottom - slack && other.top < box.bottom - slack)
      .map(() => `${index} covered`),
  ]);
});

const settled = (visitor) => eventually(`${visitor.name}'s tiles are in place`, async () =>
  (await misplaced(visitor)).length === 0);

async function picture(visitor, name) {
  await mkdir(PICTURES, { recursive: true });
  await visitor.page.screenshot({ path: path.join(PICTURES, name) });
}

describe('the page', () => {
  const chromium = useChromium();

  it('names its controls as promised', LIMIT, inHouse(chromium, async (house) => {
    const ana = await house.visit({ name: 'Ana', probe: PROBE });
    await ana.untilReady();
    await hasButtons(ana, 'Join', 'Mute', 'Stop video');
    await ana.press('Join');
    await ana.untilJoined();
    await hasButtons(ana, 'Mute', 'Stop video', 'Share screen', 'Chat', 'Participants', 'Reconnect',
      'Full screen', 'Leave');
    const changes = [
      ['Mute', 'Unmute'], ['Stop video', 'Start video'], ['Share screen', 'Stop sharing'],
      ['Full screen', 'Exit full screen'],
    ];
    for (const [off, on] of changes) {
      await ana.press(off);
      await hasButtons(ana, on);
      assert.equal(await ana.button(off).count(), 0, off);
      await ana.press(on);
      await hasButtons(ana, off);
    }
    // Neither the unread mark nor the number of people becomes part of a name.
    await house.join({ name: 'Ben', probe: PROBE });
    await house.visitors[1].evaluate(() => window.meeting.sendChat('Hello'));
    await ana.button('Chat').locator('.badge').waitFor();
    await hasButtons(ana, 'Chat', 'Participants');
    await ana.press('Leave');
    await hasButtons(ana, 'Rejoin');
  }));

  it('keeps the promises of its tiles', LIMIT, inHouse(chromium, async (house) => {
    const ana = await house.join({ name: 'Ana', probe: PROBE });
    const ben = await house.join({ name: 'Ben', probe: PROBE });
    await mediaFlows([ana, ben]);
    await ben.press('Share screen');
    const ids = { ana: await ana.id(), ben: await ben.id() };
    const common = {
      muted: 'false', videoOff: 'false', connection: 'connected', shows: true,
    };
    const expected = [
      { id: ids.ana, name: 'Ana', isSelf: true, isScreen: false, sharing: 'false', ...common },
      { id: ids.ben, name: 'Ben', isSelf: false, isScreen: false, sharing: 'true', ...common },
      { id: ids.ben, name: 'Ben', isSelf: false, isScreen: true, sharing: 'true', ...common },
    ];
    const sorted = (tiles) =>
      tiles.map((tile) => JSON.stringify(Object.entries(tile).sort())).sort();
    let found;
    await eventually('three tiles as promised', async () => {
      found = await ana.tiles();
      return sorted(found).join() === sorted(expected).join();
    }).catch(() => assert.deepEqual(found, expected));
    await settled(ana);
  }));

  it('can be worked with the keyboard alone', LIMIT, inHouse(chromium, async (house) => {
    const ben = await house.join({ name: 'Ben', probe: PROBE });
    const ana = await house.visit({ name: '', probe: PROBE });
    await ana.untilReady();
    const { keyboard } = ana.page;
    await keyboard.type('Ana');
    assert.equal(await ana.page.getByRole('textbox', { name: 'Your name' }).inputValue(), 'Ana');
    await tabTo(ana, 'Join');
    assert.ok(await focusIsVisible(ana), 'focus is seen on Join');
    await keyboard.press('Enter');
    await ana.untilJoined();
    for (const [key, name, attribute, value] of [
      ['Space', 'Mute', 'muted', 'true'], ['Enter', 'Stop video', 'videoOff', 'true'],
      ['Space', 'Unmute', 'muted', 'false'], ['Enter', 'Start video', 'videoOff', 'false'],
    ]) {
      await tabTo(ana, name);
      assert.ok(await focusIsVisible(ana), `focus is seen on ${name}`);
      await keyboard.press(key);
      await eventually(`Ben sees what ${name} does`, async () =>
        (await ben.tileOf('Ana'))?.[attribute] === value);
    }
    await tabTo(ana, 'Chat');
    await keyboard.press('Enter');
    await keyboard.type('m is no shortcut here');
    await keyboard.press('Enter');
    await eventually('Ben reads it', async () =>
      (await ben.snapshot()).chat.some(({ text }) => text === 'm is no shortcut here'));
    await keyboard.press('Escape');
    assert.equal(await ana.page.getByRole('log').isVisible(), false);
    await tabTo(ana, 'Participants');
    await keyboard.press('Enter');
    const list = ana.page.locator('#participants-list li');
    assert.deepEqual(await list.locator('bdi').allTextContents(), ['Ana', 'Ben']);
    await keyboard.press('Escape');
    await tabTo(ana, 'Leave');
    await keyboard.press('Enter');
    await ana.page.getByRole('heading', { name: 'You left' }).waitFor();
    await tabTo(ana, 'Rejoin');
    await keyboard.press('Enter');
    await ana.untilJoined();
  }));

  it('fits a phone', LIMIT, inHouse(chromium, async (house) => {
    const long = 'A name that is as long as names may be, and then some letters';
    const ana = await house.visit({ name: 'Ana', probe: PROBE, context: PHONE });
    await ana.untilReady();
    assert.deepEqual(await overflow(ana), []);
    await ana.press('Join');
    await ana.untilJoined();
    assert.deepEqual(await overflow(ana), []); // alone, with the link to invite others
    const ben = await house.join({ name: long, probe: PROBE });
    const cleo = await house.join({ name: 'Cleo', probe: PROBE });
    await mediaFlows([ana, ben, cleo]);
    await settled(ana);
    assert.deepEqual(await overflow(ana), []);
    await hasButtons(ana, 'Mute', 'Stop video', 'Chat', 'Participants', 'Leave');
    await picture(ana, 'phone.png');
    await ben.evaluate(() => window.meeting.sendChat('word'.repeat(100)));
    for (const panel of ['Chat', 'Participants']) {
      await ana.press(panel);
      assert.deepEqual(await overflow(ana), [], panel);
      await ana.page.keyboard.press('Escape');
    }
    await ana.page.setViewportSize({ width: 740, height: 360 });
    await settled(ana);
    assert.deepEqual(await overflow(ana), []);
    await ana.press('Leave');
    assert.deepEqual(await overflow(ana), []);
  }));

  it('has its picture taken', LIMIT, inHouse(chromium, async (house) => {
    const room = 'weekly meeting';
    const ana = await house.visit({ name: 'Ana', room, probe: PROBE, context: DESK });
    await ana.untilReady();
    await eventually('the preview shows', () => ana.page.locator('#preview-video')
      .evaluate(({ videoWidth, paused }) => videoWidth > 0 && !paused));
    await picture(ana, 'lobby.png');
    await ana.press('Join');
    await ana.untilJoined();
    const others = [];
    for (const name of ['Ben', 'Cleo', 'Dov']) {
      others.push(await house.join({ name, room, probe: PROBE }));
    }
    await mediaFlows([ana, ...others]);
    await settled(ana);
    await picture(ana, 'call.png');
  }));
});
