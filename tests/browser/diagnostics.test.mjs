// The diagnostics page with a real coturn: what works, what fails, and what it says to do.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';

import { BUILD, eventually, inHouse, LIMIT, useChromium, Visitor } from './harness.mjs';
import { startRelay } from './relay.mjs';

const PICTURES = path.join(BUILD, 'screenshots');
const DESK = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };

/** Opens the page, runs the checks, and resolves when the last one is there. */
async function check(house, { context: options = DESK, query = '' } = {}) {
  const context = await house.browser.newContext(options);
  const page = await context.newPage();
  const visitor = house.admit(new Visitor(page, 'Diana'), context);
  await page.goto(`${house.url}/diagnostics.html${query}`);
  await visitor.press('Start checks');
  await visitor.button('Check again').waitFor({ timeout: 90_000 });
  await eventually('the checks are over', async () =>
    await visitor.button('Check again').getAttribute('aria-disabled') === null);
  return visitor;
}

const rows = async ({ page }) => Object.fromEntries(await page.locator('.check-row')
  .evaluateAll((all) => all.map((row) =>
    [row.dataset.check, { verdict: row.dataset.verdict, text: row.innerText }])));

const verdicts = (all) => Object.fromEntries(Object.entries(all)
  .map(([name, { verdict }]) => [name, verdict]));

async function picture({ page }, name) {
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, name), fullPage: true });
}

const isWide = ({ page }) => page.evaluate(() =>
  document.documentElement.scrollWidth > document.documentElement.clientWidth);

describe('the diagnostics page', () => {
  const chromium = useChromium();

  it('finds that everything works, measures the relay, and has a report to copy', LIMIT,
    async (t) => {
      const { secret, host } = await startRelay(t);
      const server = {
        turnSecret: secret,
        iceServers: [`stun:${host}`, `turn:${host}?transport=udp`, `turn:${host}?transport=tcp`],
      };
      await inHouse(chromium, async (house) => {
        const diana = await check(house);
        const all = await rows(diana);
        assert.deepEqual(verdicts(all), {
          support: 'pass', camera: 'pass', microphone: 'pass', signaling: 'pass', stun: 'pass',
          'turn-udp': 'pass', 'turn-tcp': 'pass', 'turn-tls': 'skip', relayed: 'pass',
        }, JSON.stringify(all));
        assert.match(all.relayed.text, /carries [\d.]+ [kM]bit\/s, with a round trip of \d+ ms/);
        const report = await diana.page.locator('#report-text').textContent();
        assert.match(report, /^PASS {2}relayed: /m);
        assert.ok(!report.includes(secret));
        await diana.press('Copy report');
        await picture(diana, 'diagnostics-good.png');
        const phone = await check(house, { context: PHONE });
        assert.equal(await isWide(phone), false);
        await picture(phone, 'diagnostics-phone.png');
      }, server)(t);
    });

  it('says that there is no TURN server, and what that means', LIMIT,
    inHouse(chromium, async (house) => {
      const diana = await check(house);
      const all = await rows(diana);
      assert.deepEqual([all.stun.verdict, all['turn-udp'].verdict, all.relayed.verdict],
        ['warn', 'skip', 'warn']);
      assert.match(all.relayed.text, /No TURN server works/);
      await picture(diana, 'diagnostics-without-turn.png');
    }));

  it('tells wrong credentials from a server that is not there', LIMIT, async (t) => {
    const { host } = await startRelay(t);
    const server = {
      turnSecret: 'not the one that coturn knows',
      iceServers: [`turn:${host}?transport=udp`, 'turn:127.0.0.1:9?transport=tcp'],
    };
    await inHouse(chromium, async (house) => {
      const phone = await check(house, { context: PHONE });
      const all = await rows(phone);
      assert.deepEqual([all['turn-udp'].verdict, all['turn-tcp'].verdict, all.relayed.verdict],
        ['fail', 'fail', 'warn'], JSON.stringify(all));
      assert.match(all['turn-udp'].text, /refuses the credentials \(401/);
      assert.doesNotMatch(all['turn-tcp'].text, /credentials/);
      assert.equal(await isWide(phone), false);
      await picture(phone, 'diagnostics-failing-phone.png');
    }, server)(t);
  });

  it('says that the signaling server can’t be reached', LIMIT,
    inHouse(chromium, async (house) => {
      const diana = await check(house, { query: '?signaling=http://127.0.0.1:9' });
      diana.allow(/WebSocket connection to 'ws:\/\/127\.0\.0\.1:9/);
      const { signaling } = await rows(diana);
      assert.equal(signaling.verdict, 'fail');
      assert.match(signaling.text, /can’t be reached/);
    }));

  it('is a click away from the lobby, and knows its server', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.visit({ name: 'Ana', query: { signaling: house.url } });
      await ana.untilReady();
      const link = ana.page.getByRole('link', { name: /Check camera/ });
      const address = new URL(await link.evaluate(({ href }) => href));
      assert.equal(address.pathname, '/diagnostics.html');
      assert.equal(address.searchParams.get('signaling'), house.url);
    }));
});
