// The scenarios that the model of RTCPeerConnection plays, played in the browsers it is a model of.
//
// Their format is described in tests/sim/player.hpp. With DVMEET_REGENERATE=1 in the environment
// the lines of each browser are written instead of compared.

import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import puppeteer from 'puppeteer-core';

import { playScenario } from './conformance.mjs';
import { here, launchChromium, LIMIT } from './harness.mjs';

const SCENARIOS = path.join(here, '..', 'sim', 'scenarios');
const AT_ONCE = 4;
const REGENERATE = process.env.DVMEET_REGENERATE === '1';

const PREFERENCES = {
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
};
const BROWSERS = {
  chromium: () => launchChromium([]),
  firefox: () => puppeteer.launch({
    browser: 'firefox', executablePath: '/usr/bin/firefox-esr', headless: true,
    extraPrefsFirefox: PREFERENCES,
  }),
};

/** The lines of a story: prose, or a command with its result and those of deviating browsers. */
function read(text) {
  const lines = [];
  for (const line of text.trimEnd().split('\n')) {
    const deviation = /^ {2}\| (\w+): (.*)$/.exec(line);
    if (deviation) {
      lines.at(-1).deviations[deviation[1]] = deviation[2];
    } else if (line === '' || line.startsWith('#')) {
      lines.push({ prose: line });
    } else {
      const [command, result] = line.split(' | ');
      lines.push({ command, result, deviations: {} });
    }
  }
  return lines;
}

const write = (lines) => lines.map(({ prose, command, result, deviations }) => (
  prose ?? [
    `${command} | ${result}`,
    ...Object.keys(deviations).sort().map((name) => `  | ${name}: ${deviations[name]}`),
  ].join('\n'))).join('\n').concat('\n');

/** The story as this browser tells it: what it does otherwise than the model is a line below. */
function retold(lines, browserName, results) {
  const left = [...results];
  return lines.map((line) => {
    if (line.prose !== undefined) return line;
    const deviations = { ...line.deviations };
    const found = left.shift();
    delete deviations[browserName];
    if (found !== line.result) deviations[browserName] = found;
    return { ...line, deviations };
  });
}

/** Several at a time, each at its own pace. */
async function playAll(page, stories) {
  const waiting = [...stories];
  const work = async () => {
    for (let story = waiting.shift(); story; story = waiting.shift()) {
      const commands = story.lines.flatMap(({ command }) => command ?? []);
      story.results = await page.evaluate(playScenario, commands).catch((error) => error);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

const files = (await readdir(SCENARIOS)).filter((file) => file.endsWith('.txt')).sort();

for (const [browserName, launch] of Object.entries(BROWSERS)) {
  describe(`${browserName} does what the model does`, () => {
    const stories = files.map((file) => ({ file }));
    let browser;
    before(async () => {
      for (const story of stories) {
        story.text = await readFile(path.join(SCENARIOS, story.file), 'utf8');
        story.lines = read(story.text);
      }
      browser = await launch();
      await playAll(await browser.newPage(), stories);
    }, LIMIT);
    after(() => browser?.close());

    for (const story of stories) {
      it(path.basename(story.file, '.txt'), async () => {
        if (story.results instanceof Error) throw story.results;
        const text = write(retold(story.lines, browserName, story.results));
        if (REGENERATE) await writeFile(path.join(SCENARIOS, story.file), text);
        else assert.equal(text, story.text);
      });
    }
  });
}
