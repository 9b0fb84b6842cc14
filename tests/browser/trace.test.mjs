// The trace of a meeting: what it holds and what it doesn't, how it is saved, and how it is drawn.

import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';

import {
  BUILD, checkReplay, eventually, here, inHouse, LIMIT, mediaFlows, replay, SMALL, TRACES,
  useChromium,
} from './harness.mjs';

const PICTURES = path.join(BUILD, 'screenshots');
const PROBE = { capture: SMALL };
const DESK = { width: 1360, height: 860 };
const PHONE = { width: 390, height: 780 };
const WORDS = 'Nobody else reads this';
const HOSTILE = '</script><!--<script><b>';

async function save(name, text) {
  await mkdir(TRACES, { recursive: true });
  const file = path.join(TRACES, `${name}.ndjson`);
  await writeFile(file, text);
  return file;
}

/** What the button in reach saves, as the path of a file that has the name it was saved under. */
async function download(visitor) {
  const [saved] = await Promise.all([
    visitor.page.waitForEvent('download', { timeout: 20_000 }), visitor.press('Download trace'),
  ]);
  const file = path.join(TRACES, saved.suggestedFilename());
  await saved.saveAs(file);
  return file;
}

async function isRedacted(file) {
  const [line] = (await readFile(file, 'utf8')).split('\n', 1);
  return JSON.parse(line).redacted;
}

/** A golden story as a trace. */
async function storyTrace(story, change = () => {}) {
  const told = await readFile(path.join(here, '..', 'transcripts', `${story}.txt`), 'utf8');
  const entries = [];
  for (const line of told.split('\n')) {
    const [, time, event] = /^> (\d+) (.*)$/.exec(line) ?? [];
    if (event) entries.push({ time: Number(time), event: JSON.parse(event), actions: [] });
    if (line.startsWith('< ')) entries.at(-1).actions.push(JSON.parse(line.slice(2)));
  }
  const head = { trace: 'dvmeet-core', version: 1, dropped: 0, redacted: false, config: {} };
  change(head, entries);
  return [head, ...entries].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** The page that tools/replay made, opened from the disk. */
async function openDrawing(house, file, viewport = DESK) {
  const context = await house.browser.newContext({ viewport });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.stack));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(`file://${file}`);
  await page.locator('body[data-ready]').waitFor({ timeout: 30_000 });
  assert.deepEqual(problems, []);
  const text = (selector) => page.locator(selector).textContent();
  return { page, text, close: () => context.close() };
}

async function draw(trace) {
  const html = trace.replace(/ndjson$/, 'html');
  const result = await replay(trace, '--html', html);
  return { html, ...result };
}

describe('a trace', () => {
  const chromium = useChromium();

  it('has no address, no secret and no word by default, and all of them in full', LIMIT,
    inHouse(chromium, async (house) => {
      const ana = await house.join({ name: 'Ana', probe: PROBE });
      const ben = await house.join({ name: 'Ben', probe: PROBE });
      await mediaFlows([ana, ben]);
      await ana.evaluate((text) => window.meeting.sendChat(text), WORDS);
      await eventually('Ben reads Ana', async () => (await ben.snapshot()).chat.length === 1);
      const secrets = {
        'an IPv4 address': /\b\d{1,3}(?:\.\d{1,3}){3}\b/,
        'a password of ICE': /ice-pwd/,
        'a fingerprint': /fingerprint:\S+ [\dA-F]{2}:/i,
        'a credential of TURN': /"credential":"(?!redacted)/,
        'a message': new RegExp(WORDS),
      };
      for (const visitor of [ana, ben]) {
        const [redacted, full] = await visitor.evaluate(() => (
          [window.meeting.trace(), window.meeting.trace({ full: true })]));
        for (const [what, pattern] of Object.entries(secrets)) {
          assert.doesNotMatch(redacted, pattern, `${what}, redacted`);
          assert.match(full, pattern, `${what}, in full`);
        }
        assert.doesNotMatch(redacted, /(?:[\da-f]{1,4}:){3}/i);
        assert.doesNotMatch(redacted, /\.local\b|raddr|IN IP/);
        assert.match(redacted, /a=ice-ufrag:/);
        assert.match(redacted, /"userName":"Ana"/);
        await checkReplay(await save('redacted', redacted));
        await checkReplay(await save('full', full));
      }
    }, { iceServers: ['turn:127.0.0.1:9'], turnSecret: 'secret' }));

  it('is saved from the settings, replays natively and is drawn', LIMIT,
    inHouse(chromium, async (house, t) => {
      const room = 'weekly / meeting';
      const context = { viewport: DESK };
      const ana = await house.join({ name: 'Ana', room, context, probe: PROBE });
      const ben = await house.join({ name: HOSTILE, room, probe: PROBE });
      const cleo = await house.join({ name: 'Cleo', room, probe: PROBE });
      await mediaFlows([ana, ben, cleo]);
      await ben.evaluate((text) => window.meeting.sendChat(text), HOSTILE);
      await eventually('Ana reads Ben', async () => (await ana.snapshot()).chat.length === 1);
      await house.goes(cleo, (page) => page.close());
      await eventually('two remain', async () => (await ana.tiles()).length === 2);

      await ana.press('Settings');
      await ana.page.getByText('Something went wrong?').click();
      await mkdir(PICTURES, { recursive: true });
      await ana.page.screenshot({ path: path.join(PICTURES, 'trace-settings.png') });
      const redacted = await download(ana);
      assert.match(path.basename(redacted),
        /^dvmeet-trace-weekly-meeting-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.ndjson$/);
      await checkReplay(redacted);
      assert.equal(await isRedacted(redacted), true);
      await rm(redacted);

      await ana.page.getByRole('checkbox', { name: /addresses and messages/ }).check();
      const full = await download(ana);
      assert.equal(await isRedacted(full), false);
      const { html, stdout, code } = await draw(full);
      assert.match(stdout, /^\d+ steps, 0 differences\n$/);
      assert.equal(code, 0);

      const { page, text, close } = await openDrawing(house, html);
      const lifelines = await page.locator('[data-lifeline]').evaluateAll((items) =>
        items.map((item) => item.querySelector('bdi').textContent));
      assert.deepEqual(lifelines, ['Server', 'Me', HOSTILE, 'Cleo']);
      assert.equal(await page.locator('b').count(), 0);
      assert.equal(await text('#verdict'), '0 differences');
      await page.getByRole('searchbox').fill('setRemoteDescription');
      await page.keyboard.press('Enter');
      await eventually('the search finds it', async () =>
        /^1 of \d+$/.test(await text('#search-count')));
      assert.match(await text('#details'), /setRemoteDescription/);
      await page.screenshot({ path: path.join(PICTURES, 'trace.png') });
      const before = await text('#details-title');
      await page.locator('#scroller').focus();
      await page.keyboard.press('ArrowDown');
      assert.notEqual(await text('#details-title'), before);
      await page.keyboard.press('f');
      await page.keyboard.press('Escape');
      await page.screenshot({ path: path.join(PICTURES, 'trace-whole.png') });
      await close();

      const narrow = await openDrawing(house, html, PHONE);
      const width = await narrow.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= PHONE.width, `${width} pixels wide`);
      await narrow.page.keyboard.press('End');
      assert.match(await narrow.text('#details'), /State after it/);
      assert.equal(await narrow.page.locator('#details h2').isVisible(), true);
      const { y, height } = await narrow.page.locator('#details').boundingBox();
      assert.ok(y + height <= PHONE.height && height > 200, `${height} pixels from ${y}`);
      await narrow.page.screenshot({ path: path.join(PICTURES, 'trace-phone.png') });
      await narrow.close();
      t.diagnostic(`drawn in ${html}`);
    }));

  it('is offered when the core breaks', LIMIT, inHouse(chromium, async (house) => {
    const ana = await house.visit({ name: 'Ana', probe: PROBE });
    await ana.page.addInitScript(() => {
      const { instantiate } = WebAssembly;
      const fragile = (value) => (typeof value !== 'function' ? value : (...parameters) => {
        if (window.isBroken) throw new WebAssembly.RuntimeError('unreachable');
        return value(...parameters);
      });
      const each = (object, change) => Object.fromEntries(
        Object.entries(object).map(([key, value]) => [key, change(value)]));
      WebAssembly.instantiate = (module, imports) =>
        instantiate(module, each(imports, (group) => each(group, fragile)));
    });
    await ana.page.reload();
    await ana.untilReady();
    await ana.press('Join');
    await ana.untilJoined();
    await ana.evaluate(() => {
      window.isBroken = true;
      window.meeting.setCamera(false);
    });
    await ana.page.getByRole('heading', { name: 'The meeting broke' }).waitFor();
    await ana.page.screenshot({ path: path.join(PICTURES, 'trace-crash.png') });
    const file = await download(ana);
    await checkReplay(file);
    assert.match(await readFile(file, 'utf8'), /"type":"joinRequested"/);
    await rm(file);
    const live = await ana.evaluate(() => window.probe.tracks
      .filter(({ readyState }) => readyState === 'live').length);
    assert.equal(live, 0);
  }));

  it('that differs shows where', LIMIT, inHouse(chromium, async (house) => {
    const trace = await save('differs', await storyTrace('newcomer-joins-two', (_, entries) => {
      entries[5].actions.pop();
    }));
    const { html, code, stdout } = await draw(trace);
    assert.equal(code, 1);
    assert.match(stdout, /recorded < [\s\S]*computed < [\s\S]*27 steps, 1 differences\n$/);
    const { page, text, close } = await openDrawing(house, html);
    await page.getByRole('button', { name: '1 difference' }).click();
    assert.match(await text('#details-title'), /^Step 6 /);
    assert.match(await text('#details'), /Recorded actions[\s\S]*Computed actions/);
    await page.screenshot({ path: path.join(PICTURES, 'trace-differs.png') });
    await close();
  }));

  it('that has lost its beginning is refused, but drawn', LIMIT,
    inHouse(chromium, async (house) => {
      const text = await storyTrace('newcomer-joins-two', (head, entries) => {
        entries.splice(0, 10);
        Object.assign(head, { dropped: 10 });
      });
      const trace = await save('dropped', text);
      const refused = await replay(trace);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /dropped the first 10 steps/);
      const { html, code, stdout } = await draw(trace);
      assert.equal(code, 0);
      assert.match(stdout, /^17 steps, not recomputed/);
      const drawing = await openDrawing(house, html);
      assert.equal(await drawing.text('#verdict'), 'not recomputed');
      assert.match(await drawing.text('#notice'), /first 10 steps/);
      await drawing.page.keyboard.press('ArrowDown');
      assert.match(await drawing.text('#details-title'), /^Step 11 /);
      await drawing.close();
    }));
});
