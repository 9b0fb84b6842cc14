// Chat among real pages: who comes late, who means harm, and what the server doesn't take.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { eventually, inHouse, LIMIT, TINY, useChromium } from './harness.mjs';

const PROBE = { capture: TINY };

/** Nothing of this may become an element, a script or a link to anything but http and https. */
const HOSTILE = [
  '<img src=x onerror="window.harmed=true">',
  '<script>window.harmed = true</script>',
  'javascript:window.harmed=true',
  'data:text/html,<script>window.harmed=true</script>',
  'see https://example.org/"onmouseover="window.harmed=true" now',
  'https://example.org/\u202egpj.exe',
  'https://example.org@evil.example/',
  '\u0000\u0007&amp;&#106;avascript:1',
];

const log = ({ page }) => page.getByRole('log', { name: 'Messages' });
const texts = (visitor) => log(visitor).locator('.message-text').allTextContents();

async function says(visitor, ...all) {
  for (const text of all) await visitor.evaluate((each) => window.meeting.sendChat(each), text);
}

describe('chat among real pages', () => {
  const chromium = useChromium();

  it('a late joiner reads what was said, in its order and by whom the server says', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join({ name: 'Ana', probe: PROBE });
      await says(ana, 'first', 'second');
      const ben = await house.join({ name: 'Ben', probe: PROBE });
      await says(ben, 'third');
      const anaId = await ana.id();
      await eventually('Ana has it', async () => (await ana.snapshot()).chat.length === 3);
      const cleo = await house.join({ name: 'Cleo', probe: PROBE });
      await eventually('Cleo has the history', async () =>
        (await cleo.snapshot()).chat.length === 3);
      const { chat } = await cleo.snapshot();
      assert.deepEqual(chat.map(({ text, fromId, sender, own, state, earlier }) =>
        [text, fromId, sender, own, state, earlier]), [
        ['first', anaId, 'Ana', false, 'sent', true],
        ['second', anaId, 'Ana', false, 'sent', true],
        ['third', await ben.id(), 'Ben', false, 'sent', true],
      ]);
      const badge = cleo.page.locator('#toggle-chat .badge');
      assert.equal(await badge.isHidden(), true, 'what was said before is not unread');
      await says(ana, 'fourth');
      await eventually('what is said now is unread', async () =>
        await badge.isVisible() && await badge.textContent() === '1');
      await cleo.press('Chat');
      assert.deepEqual(await texts(cleo), ['first', 'second', 'third', 'fourth']);
      assert.equal(await badge.isHidden(), true, 'what is in view is read');
    }));

  it('hostile text stays text, and only web addresses become links', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join({ name: '<b>Ana</b>', probe: PROBE });
      const ben = await house.join({ name: 'Ben', probe: PROBE });
      await ben.press('Chat');
      await says(ana, ...HOSTILE);
      await eventually('Ben has it all', async () =>
        (await texts(ben)).length === HOSTILE.length);
      assert.deepEqual(await texts(ben), HOSTILE);
      const found = await log(ben).evaluate((element) => ({
        elements: [...new Set([...element.querySelectorAll('*')].map(({ localName }) => localName))]
          .sort(),
        links: [...element.querySelectorAll('a')].map(({ href, rel, target, textContent }) =>
          ({ href, rel, target, textContent })),
        attributes: [...element.querySelectorAll('a')].flatMap((link) =>
          link.getAttributeNames()).filter((name) => name.startsWith('on')),
      }));
      const rest = { rel: 'noopener noreferrer', target: '_blank' };
      assert.deepEqual(found, {
        elements: ['a', 'bdi', 'li', 'p', 'time'],
        links: [
          { href: 'https://example.org/', textContent: 'https://example.org/', ...rest },
          { href: 'https://example.org/', textContent: 'https://example.org/', ...rest },
        ],
        attributes: [],
      });
      assert.equal(await ben.evaluate(() => window.harmed), undefined);
    }));

  it('what is written faster than the server takes it goes out by and by', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join({ name: 'Ana', probe: PROBE });
      const ben = await house.join({ name: 'Ben', probe: PROBE });
      const all = Array.from({ length: 14 }, (_, index) => `message ${index}`);
      await ana.evaluate((lines) => {
        for (const line of lines) window.meeting.sendChat(line);
      }, all);
      await ben.press('Chat');
      await eventually('Ben has all of them', async () => (await texts(ben)).length === all.length);
      assert.deepEqual(await texts(ben), all);
      await eventually('all are sent', async () =>
        (await ana.snapshot()).chat.every(({ state }) => state === 'sent'));
    }));

  it('a message that the server refuses says so, and goes out when it is sent again', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join({ name: 'Ana', probe: PROBE });
      const ben = await house.join({ name: 'Ben', probe: PROBE });
      await ana.press('Chat');
      await ana.evaluate(() => {
        const { prototype } = WebSocket;
        const { send } = prototype;
        prototype.send = function spoil(data) {
          const isOurs = String(data).includes('"send-message"');
          return send.call(this, isOurs ? data.replace('"text":', '"texts":') : data);
        };
        window.mend = () => { prototype.send = send; };
        window.meeting.sendChat('at last');
      });
      const retry = ana.page.getByRole('button', { name: 'Retry' });
      await retry.waitFor();
      assert.equal((await ana.snapshot()).chat[0].state, 'failed');
      await ana.evaluate(() => window.mend());
      await retry.click();
      await ben.press('Chat');
      await eventually('Ben has it', async () => (await texts(ben)).length === 1);
      assert.deepEqual(await texts(ben), ['at last']);
      assert.deepEqual(await texts(ana), ['at last']);
      assert.equal((await ana.snapshot()).chat[0].state, 'sent');
    }));
});
