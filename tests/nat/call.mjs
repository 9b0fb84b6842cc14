// People with real browsers in the laboratory, and what the tests ask them.

import path from 'node:path';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

import { FAKE_CONSENT, FAKE_DEVICES, Visitor, eventually } from '../browser/harness.mjs';
import { installProbe } from '../browser/probe.mjs';
import { writeFilm } from './film.mjs';
import { URL_WITH_TURN, skip, useLab } from './lab/lab.mjs';
import { installRecording, readPaths, readRecording } from './recording.mjs';

const FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run',
  '--autoplay-policy=no-user-gesture-required', FAKE_DEVICES, FAKE_CONSENT,
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  // The laboratory has addresses only, and no name is asked of anybody.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 203.0.113.*',
];

/** Small enough for several on two cores, often enough to tell 70 ms. */
const CAPTURE = { width: 160, height: 120, frameRate: 15 };
/** Pictures that show that media flows, not just that it began. */
const FLOWING_FRAMES = 5;

/**
 * A laboratory, and one browser for each client, which all tests of a suite share.
 * @param {string[]} names
 * @param {Record<string, typeof CAPTURE>} [films] whose cameras show a film that is hard to encode
 */
export function useCalls(names, films = {}) {
  const holder = useLab(...names);
  /** @type {Record<string, import('playwright-core').Browser>} */
  const browsers = {};
  before(async () => {
    if (skip) return;
    const { lab } = holder;
    process.env.TMPDIR = lab.folder; // where Playwright puts the browsers' profiles
    const trust = `--ignore-certificate-errors-spki-list=${await lab.servers.fingerprint()}`;
    for (const name of names) {
      const args = [...FLAGS, trust];
      if (films[name]) {
        const film = path.join(lab.folder, `${name}.y4m`);
        await writeFilm(film, films[name]);
        args.push(`--use-file-for-fake-video-capture=${film}`);
      }
      browsers[name] = await chromium.launch({
        executablePath: await lab.clients[name].chromium(), args,
        // These signals end this process, and it ends all there is in the laboratory.
        handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false,
      });
    }
  });
  after(() => Promise.all(Object.values(browsers).map((browser) => browser.close())));
  return { holder, browsers };
}

/** Several people in one room, each with a browser profile of its own. */
export class Call {
  static #rooms = 0;
  /** @type {Record<string, Visitor>} */
  visitors = {};
  #room = `room-${Call.#rooms += 1}`;

  /**
   * They join one after another; the last has joined when this resolves.
   * @param {Record<string, import('playwright-core').Browser>} browsers by the people's names
   * @param {string} [url]
   * @param {Record<string, object>} [wishes] of the probe (../browser/probe.mjs), by name
   */
  static async open(browsers, url = URL_WITH_TURN, wishes = {}) {
    const call = new Call();
    try {
      for (const [name, browser] of Object.entries(browsers)) {
        await call.#join(name, browser, url, { capture: CAPTURE, ...wishes[name] });
      }
    } catch (error) {
      console.log(await call.describe());
      await call.close();
      throw error;
    }
    return call;
  }

  async #join(name, browser, url, probe) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(installProbe, probe);
    await page.addInitScript(installRecording);
    const visitor = new Visitor(page, name);
    this.visitors[name] = visitor;
    const address = new URL(url);
    const parameters = Object.entries({ room: this.#room, name, autojoin: '1' });
    for (const [key, value] of parameters) address.searchParams.set(key, value);
    await page.goto(address.href);
    await visitor.untilJoined();
  }

  /** Every ordered pair: who receives from whom. */
  get directions() {
    const names = Object.keys(this.visitors);
    return names.flatMap((to) => names.filter((name) => name !== to).map((from) => ({ from, to })));
  }

  /** @returns {Promise<Record<string, ReturnType<typeof readRecording>>>} by name */
  async recordings() {
    return this.#ofEach(readRecording);
  }

  /** @returns {Promise<Record<string, Awaited<ReturnType<typeof readPaths>>>>} by name */
  async paths() {
    return this.#ofEach(readPaths);
  }

  async #ofEach(question) {
    const entries = Object.entries(this.visitors).map(async ([name, visitor]) =>
      [name, await visitor.evaluate(question)]);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** Waits until pictures come in everywhere. */
  async untilFlowing(patienceMs) {
    await eventually('pictures of everybody everywhere', async () => {
      const recordings = await this.recordings();
      return this.directions.every(({ from, to }) =>
        recordings[to].frames[from]?.length >= FLOWING_FRAMES);
    }, patienceMs);
  }

  async describe() {
    const texts = await Promise.all(
      Object.values(this.visitors).map((visitor) => visitor.describe()));
    return texts.join('\n');
  }

  async close() {
    await Promise.all(Object.values(this.visitors).map(({ page }) => page.context().close()));
  }
}

/** Rows of text under headings, in columns. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()).join('\n');
}
