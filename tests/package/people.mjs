// Browsers in front of the projects' pages, and what they see.

import assert from 'node:assert/strict';
import puppeteer from 'puppeteer-core';

import { eventually, launchChromium } from '../browser/harness.mjs';
import { isUnderPolicy } from '../browser/policy.mjs';

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
};

/** @returns a browser with `newContext()`, as Playwright's */
export async function launchFirefox() {
  const firefox = await puppeteer.launch({
    browser: 'firefox', executablePath: '/usr/bin/firefox-esr', headless: true,
    extraPrefsFirefox: PREFERENCES,
  });
  return {
    newContext: () => firefox.createBrowserContext(),
    close: () => firefox.close(),
  };
}

export { launchChromium };

/**
 * A page in a browser profile of its own, and what it complains about.
 * @param {{newContext: () => Promise<any>}} browser
 * @param {string} url
 * @param {(page: any) => Promise<void>} [prepare] before it is opened
 */
export async function visit(browser, url, prepare = async () => {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await prepare(page);
  const complaints = [];
  page.on('console', (message) => {
    const isIcon = message.location().url?.endsWith('/favicon.ico');
    if (message.type() === 'error' && !isIcon) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)));
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

/** Fills the lobby in and joins, in the same words in every project. */
export async function enter({ page }, name) {
  await eventually('there is a lobby', () => page.evaluate(() =>
    Boolean(document.querySelector('input[name="name"]'))));
  const field = await page.$('input[name="name"]');
  await field.type(name);
  await (await page.$('form button')).click();
}

/** What each video with a picture shows right now, as a text. */
const pictures = ({ page }) => page.evaluate(() => [...document.querySelectorAll('video')]
  .filter(({ videoWidth }) => videoWidth > 0)
  .map((video) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 40, 30);
    return context.getImageData(0, 0, 40, 30).data.join();
  }));

/** As many pictures as said, and each of them moves. */
export async function seesMoving(person, count) {
  let first;
  await eventually(`there are ${count} moving pictures`, async () => {
    const now = await pictures(person);
    if (now.length !== count) {
      first = undefined;
      return false;
    }
    first ??= now;
    return now.every((each, index) => each !== first[index]);
  });
}

/** Two people meet on a page: they see each other, nobody complains, one goes and is gone. */
export async function meet(browser, url) {
  const people = [];
  try {
    for (const name of ['Ana', 'Ben']) {
      const person = await visit(browser, url);
      people.push(person);
      await enter(person, name);
    }
    for (const person of people) await seesMoving(person, 2);
    assert.deepEqual(people.flatMap(({ complaints }) => complaints), []);
    await isUnderPolicy(people[0]);
    await people[1].page.goto('about:blank');
    await seesMoving(people[0], 1);
  } catch (error) {
    for (const { page, complaints } of people) {
      console.log(await page.evaluate(() => document.body.innerText).catch(String), complaints);
    }
    throw error;
  } finally {
    for (const { close } of people) await close();
  }
}
