// A real server in this process, real browsers that visit it, and what they are asked.

import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

import { createServer } from '../../tools/signaling/app.mjs';
import { listen } from './host.mjs';
import {
  describePage, installProbe, leftovers, readConnections, readInbound, readTiles,
} from './probe.mjs';
import { checkReplay } from './replay.mjs';
import { eventually, PATIENCE_MS } from './waiting.mjs';

export { listen, startStaticHost } from './host.mjs';
export { checkMesh, mediaFlows } from './media.mjs';
export { checkReplay, replay } from './replay.mjs';
export { eventually, PATIENCE_MS } from './waiting.mjs';

/** The folder of these tests. */
export const here = path.dirname(fileURLToPath(import.meta.url));

export const BUILD = path.join(here, '..', '..', 'build');
export const SITE = path.resolve(process.env.DVMEET_SITE ?? path.join(BUILD, 'site'));
export const TRACES = path.join(BUILD, 'traces');

/** How often a test repeats itself: what was asked for, or a default of its own. */
export const repeats = (byDefault) => Number(process.env.DVMEET_REPEAT) || byDefault;

/** Of one whole test. */
export const LIMIT = { timeout: 600_000 };

/** What a crowd on two cores can afford. */
export const SMALL = { width: 320, height: 240, frameRate: 10 };
export const TINY = { width: 160, height: 120, frameRate: 2 };

const QUIET = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run',
  '--autoplay-policy=no-user-gesture-required', '--disable-features=WebRtcHideLocalIpsWithMdns',
];
export const FAKE_DEVICES = '--use-fake-device-for-media-stream';
/** A camera for everybody: pages that share one stop it when they hold too many of its pictures. */
export const SIX_CAMERAS = `${FAKE_DEVICES}=device-count=7`;
export const FAKE_CONSENT = '--use-fake-ui-for-media-stream';

export const launchChromium = (args = [FAKE_DEVICES, FAKE_CONSENT]) =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: [...QUIET, ...args] });

/** A Chromium for all tests of a suite: `holder.browser`. */
export function useChromium(args) {
  const holder = { browser: null };
  before(async () => {
    holder.browser = await launchChromium(args);
  });
  after(() => holder.browser?.close());
  return holder;
}

/** One page with somebody in front of it. */
export class Visitor {
  #allowed = [];

  constructor(page, name) {
    this.page = page;
    this.name = name;
    /** What the browser complained about: errors of the console and of scripts. */
    this.complaints = [];
    const note = (text) => this.complaints.push(text);
    page.on('console', (message) => message.type() === 'error' && note(message.text()));
    page.on('pageerror', (error) => note(`uncaught ${error.stack ?? error}`));
  }

  evaluate(script, ...parameters) {
    return this.page.evaluate(script, ...parameters);
  }

  snapshot() {
    return this.evaluate(() => window.meeting?.snapshot ?? null);
  }

  async id() {
    return (await this.snapshot()).self.id;
  }

  tiles() {
    return this.evaluate(readTiles);
  }

  /** The tile of somebody by name. */
  async tileOf(name, { isScreen = false } = {}) {
    return (await this.tiles()).find((tile) => tile.name === name && tile.isScreen === isScreen);
  }

  inbound() {
    return this.evaluate(readInbound);
  }

  connections() {
    return this.evaluate(readConnections);
  }

  leftovers() {
    return this.evaluate(leftovers);
  }

  /** A button by its accessible name. */
  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  press(name) {
    return this.button(name).click({ timeout: PATIENCE_MS });
  }

  async untilJoined() {
    await eventually(`${this.name} joins`, async () =>
      (await this.snapshot())?.connection === 'joined' && (await this.tiles()).length > 0);
  }

  /** The lobby is there, and its devices have come or failed. */
  async untilReady() {
    await eventually(`${this.name} sees the lobby`, async () => {
      const self = (await this.snapshot())?.self;
      const isSettled = ({ state }) => state !== 'starting';
      return self && isSettled(self.microphone) && isSettled(self.camera)
        && this.button('Join').isVisible();
    });
  }

  /** The files with the traces of the page's meetings, written now. */
  async saveTraces() {
    if (this.page.isClosed()) return [];
    const traces = await this.evaluate(() =>
      (window.probe?.meetings ?? []).map((meeting) => meeting.trace()));
    await mkdir(TRACES, { recursive: true });
    return Promise.all(traces.map(async (text, index) => {
      const name = `${process.pid}-${this.name}-${index}`.replace(/[^\w-]+/g, '-').slice(0, 60);
      const file = path.join(TRACES, `${name}.ndjson`);
      await writeFile(file, text);
      return file;
    }));
  }

  /** A trace that doesn't replay stays where it is. */
  async checkTraces() {
    for (const file of await this.saveTraces()) {
      await checkReplay(file);
      await rm(file);
    }
  }

  /** Complaints that the test provokes. */
  allow(...patterns) {
    this.#allowed.push(...patterns);
  }

  /** What was complained about, the meeting's own reports of errors included. */
  async uncalledFor() {
    const reports = this.page.isClosed() ? [] : await this.evaluate(() =>
      (window.probe?.reports ?? []).filter(({ level }) => level === 'error')
        .map(({ code, detail }) => `report ${code}: ${detail}`));
    return [...this.complaints, ...reports]
      .filter((text) => !this.#allowed.some((pattern) => pattern.test(text)))
      .map((text) => `${this.name}: ${text}`);
  }

  async describe() {
    if (this.page.isClosed()) return `${this.name} has closed the page`;
    const state = await this.evaluate(describePage).catch((error) => ({ error: error.message }));
    const { log = [], ...rest } = state;
    return [
      `${this.name}: ${JSON.stringify(rest)}`,
      ...this.complaints.map((text) => `  complaint ${text}`),
      ...log.map((line) => `  ${line}`),
    ].join('\n');
  }
}

/** A server, and everybody who visits it. */
export class House {
  #server;
  #contexts = [];
  #past = [];
  visitors = [];
  url = '';
  logs = [];

  static async open(browser, serverOptions = {}) {
    const house = new House();
    house.browser = browser;
    const log = (event, fields) => house.logs.push({ event, ...fields });
    house.#server = createServer({ staticDir: SITE, log, ...serverOptions });
    house.url = await listen(house.#server.httpServer);
    return house;
  }

  get server() {
    return this.#server;
  }

  address({ name, room = 'standup', autojoin = false, query = {}, at = `${this.url}/` }) {
    const address = new URL(at);
    const all = { room, name, ...(autojoin ? { autojoin: '1' } : {}), ...query };
    for (const [key, value] of Object.entries(all)) address.searchParams.set(key, value);
    return address.href;
  }

  /**
   * Opens the page in a browser profile of its own.
   * @param {object} visit `name`, `room`, `query`, `at` (another address of the page); `autojoin`
   *   skips the lobby; `probe` and `context` are for installProbe() and for Playwright; requests
   *   that fit one of `routes` go on when its promise resolves
   */
  async visit({ context: contextOptions = {}, probe = {}, routes = {}, ...where }) {
    const context = await this.browser.newContext(contextOptions);
    const page = await context.newPage();
    for (const [pattern, ready] of Object.entries(routes)) {
      await page.route(pattern, async (route) => {
        await ready();
        await route.continue();
      });
    }
    await page.addInitScript(installProbe, probe);
    const visitor = this.admit(new Visitor(page, where.name), context);
    await page.goto(this.address(where));
    return visitor;
  }

  /** Opens the page without the probe, which holds on to all it sees; `script` runs first. */
  async visitUnwatched(name, script) {
    const context = await this.browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(script);
    const visitor = this.admit(new Visitor(page, name), context);
    await page.goto(this.address({ name }));
    return visitor;
  }

  /** Visits and is in the room when this resolves. */
  async join(where) {
    const visitor = await this.visit({ autojoin: true, ...where });
    await visitor.untilJoined();
    return visitor;
  }

  /** A visitor whose browser profile is closed with the house. */
  admit(visitor, context) {
    this.#contexts.push(context);
    this.visitors.push(visitor);
    return visitor;
  }

  /** Whose page is gone can't be asked any more; what it complained about is kept. */
  async goes(visitor, how) {
    await visitor.checkTraces();
    this.#past.push(...await visitor.uncalledFor());
    this.visitors = this.visitors.filter((other) => other !== visitor);
    await how(visitor.page);
  }

  async checkComplaints() {
    const found = await Promise.all(this.visitors.map((visitor) => visitor.uncalledFor()));
    assert.deepEqual([...this.#past, ...found.flat()], []);
  }

  async checkTraces() {
    for (const visitor of this.visitors) await visitor.checkTraces();
  }

  async describe() {
    const pages = await Promise.all(this.visitors.map(async (visitor) => {
      const traces = await visitor.saveTraces().catch(() => []);
      return [await visitor.describe(), ...traces.map((file) => `  trace ${file}`)].join('\n');
    }));
    return pages.join('\n');
  }

  async close() {
    await Promise.all(this.#contexts.map((context) => context.close()));
    await this.#server.close();
  }
}

/**
 * The body of a test: a house with a server of its own, without complaints at the end, and with all
 * that the cores decided decided natively alike.
 * @param {{browser: import('playwright-core').Browser}} holder
 * @param {(house: House, t: import('node:test').TestContext) => Promise<void>} body
 */
export const inHouse = (holder, body, serverOptions) => async (t) => {
  const house = await House.open(holder.browser, serverOptions);
  try {
    await body(house, t);
    await house.checkComplaints();
    await house.checkTraces();
  } catch (error) {
    console.log(await house.describe());
    throw error;
  } finally {
    await house.close();
  }
};
