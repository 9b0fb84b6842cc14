// A real server in this process, real browsers that visit it, and what they are asked.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

import { createServer } from '../../tools/signaling/app.mjs';
import {
  describePage, installProbe, leftovers, readConnections, readInbound, readTiles,
} from './probe.mjs';

/** The folder of these tests. */
export const here = path.dirname(fileURLToPath(import.meta.url));

export const BUILD = path.join(here, '..', '..', 'build');
export const SITE = path.resolve(process.env.DVMEET_SITE ?? path.join(BUILD, 'site'));

/** How often a test repeats itself: what was asked for, or a default of its own. */
export const repeats = (byDefault) => Number(process.env.DVMEET_REPEAT) || byDefault;

/** Milliseconds anything may take on a busy machine; tests judge by events and frames. */
export const PATIENCE_MS = 60_000;
/** Of one whole test. */
export const LIMIT = { timeout: 600_000 };
const POLL_MS = 100;

/** What a crowd on two cores can afford. */
export const SMALL = { width: 320, height: 240, frameRate: 10 };
export const TINY = { width: 160, height: 120, frameRate: 8 };

const QUIET = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run',
  '--autoplay-policy=no-user-gesture-required', '--disable-features=WebRtcHideLocalIpsWithMdns',
];
export const FAKE_DEVICES = '--use-fake-device-for-media-stream';
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

/** Listens on a free port of this machine; closed by the caller. */
export async function listen(httpServer) {
  httpServer.listen(0, '127.0.0.1');
  await once(httpServer, 'listening');
  return `http://127.0.0.1:${httpServer.address().port}`;
}

const TYPES = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm', '.json': 'application/json',
};

/**
 * A host that knows files and nothing else.
 * @param {Record<string, string>} folders the first path prefix that fits, and its folder
 * @param {Record<string, string>} [headers]
 */
export async function startStaticHost(folders, headers = {}) {
  const httpServer = http.createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, 'http://host');
    const prefix = Object.keys(folders).find((each) => pathname.startsWith(each));
    const rest = pathname.slice(prefix?.length) || 'index.html';
    try {
      if (prefix === undefined || rest.includes('..')) throw new Error('not here');
      const content = await readFile(path.join(folders[prefix], rest));
      const type = TYPES[path.extname(rest)] ?? 'text/plain';
      response.writeHead(200, { 'Content-Type': type, ...headers });
      response.end(content);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  const url = await listen(httpServer);
  const close = () => new Promise((resolve) => {
    httpServer.close(resolve);
    httpServer.closeAllConnections();
  });
  return { url, close };
}

/** Asks until the answer is truthy, and returns it; says what it waited for when it never is. */
export async function eventually(what, ask, patienceMs = PATIENCE_MS) {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${patienceMs / 1000} s`);
    await pause(POLL_MS);
  }
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
   *   skips the lobby; `probe` and `context` are for installProbe() and for Playwright
   */
  async visit({ context: contextOptions = {}, probe = {}, ...where }) {
    const context = await this.browser.newContext(contextOptions);
    const page = await context.newPage();
    await page.addInitScript(installProbe, probe);
    const visitor = this.admit(new Visitor(page, where.name), context);
    await page.goto(this.address(where));
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
    this.#past.push(...await visitor.uncalledFor());
    this.visitors = this.visitors.filter((other) => other !== visitor);
    await how(visitor.page);
  }

  async checkComplaints() {
    const found = await Promise.all(this.visitors.map((visitor) => visitor.uncalledFor()));
    assert.deepEqual([...this.#past, ...found.flat()], []);
  }

  async describe() {
    const pages = await Promise.all(this.visitors.map((visitor) => visitor.describe()));
    return pages.join('\n');
  }

  async close() {
    await Promise.all(this.#contexts.map((context) => context.close()));
    await this.#server.close();
  }
}

/**
 * The body of a test: a house with a server of its own, without complaints at the end.
 * @param {{browser: import('playwright-core').Browser}} holder
 * @param {(house: House, t: import('node:test').TestContext) => Promise<void>} body
 */
export const inHouse = (holder, body, serverOptions) => async (t) => {
  const house = await House.open(holder.browser, serverOptions);
  try {
    await body(house, t);
    await house.checkComplaints();
  } catch (error) {
    console.log(await house.describe());
    throw error;
  } finally {
    await house.close();
  }
};

/**
 * Waits until each visitor sees every other one on a tile, and new pictures and new sound of every
 * other one have come in since this was called, but for those who are unseen or unheard by name.
 */
export async function mediaFlows(visitors, { unseen = [], unheard = [] } = {}) {
  const baselines = new Map();
  const missing = async (visitor) => {
    const inbound = await visitor.inbound();
    const tiles = await visitor.tiles();
    if (inbound.length !== visitors.length - 1) return [`${inbound.length} others`];
    return inbound.flatMap((now) => {
      const key = `${visitor.name} ${now.id}`;
      if (!baselines.has(key)) baselines.set(key, now);
      const then = baselines.get(key);
      const tile = tiles.find(({ id, isScreen }) => id === now.id && !isScreen);
      const hasPictures = now.cameraFrames > then.cameraFrames && tile?.shows;
      const hasSound = now.audioEnergy > then.audioEnergy || now.audioPackets > then.audioPackets;
      return [
        ...(tile?.connection === 'connected' ? [] : [`${now.name} is ${tile?.connection}`]),
        ...(hasPictures || unseen.includes(now.name) ? [] : [`no pictures of ${now.name}`]),
        ...(hasSound || unheard.includes(now.name) ? [] : [`no sound of ${now.name}`]),
      ];
    });
  };
  let lacking = [];
  await eventually('media flows between all', async () => {
    const found = await Promise.all(visitors.map(async (visitor) =>
      (await missing(visitor)).map((what) => `${visitor.name}: ${what}`)));
    lacking = found.flat();
    return lacking.length === 0;
  }).catch((error) => {
    throw new Error(`${error.message}; ${lacking.join('; ')}`);
  });
}

/** Exactly one connection per pair was made, with the three media lines of the design. */
export async function checkMesh(visitors) {
  // On a machine that is starved the server gives somebody up, who then comes back by himself.
  const lost = await Promise.all(visitors.map((visitor) => visitor.evaluate(() =>
    window.probe.reports.some(({ code }) => code === 'signaling_lost'))));
  for (const visitor of visitors) {
    const { made, live } = await visitor.connections();
    const others = visitors.length - 1;
    const line = { state: 'connected', transceivers: 3, mediaLines: 3 };
    assert.deepEqual(live, Array(others).fill(line), `connections of ${visitor.name}`);
    if (!lost.includes(true)) {
      assert.equal(made, others, `${visitor.name} made connections for nothing`);
    }
    const people = (await visitor.tiles()).filter(({ isScreen }) => !isScreen);
    assert.equal(people.length, visitors.length, `tiles of ${visitor.name}`);
    assert.equal(new Set(people.map(({ id }) => id)).size, people.length);
  }
}
