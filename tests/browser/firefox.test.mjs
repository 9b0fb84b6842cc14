// Chromium and Firefox in one room.

import { after, before, describe, it } from 'node:test';
import puppeteer from 'puppeteer-core';

import {
  checkMesh, eventually, inHouse, LIMIT, mediaFlows, repeats, SMALL, useChromium, Visitor,
} from './harness.mjs';
import { installProbe } from './probe.mjs';

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
};

describe('Chromium with Firefox', () => {
  const chromium = useChromium();
  let firefox;
  before(async () => {
    firefox = await puppeteer.launch({
      browser: 'firefox', executablePath: '/usr/bin/firefox-esr', headless: true,
      extraPrefsFirefox: PREFERENCES,
    });
  });
  after(() => firefox?.close());

  async function joinInFirefox(house, { probe, ...where }) {
    const context = await firefox.createBrowserContext();
    const page = await context.newPage();
    await page.evaluateOnNewDocument(installProbe, probe);
    const visitor = house.admit(new Visitor(page, where.name), context);
    await page.goto(house.address({ autojoin: true, ...where }));
    await visitor.untilJoined();
    return visitor;
  }

  const fox = { name: 'Fox', probe: { capture: SMALL } };
  const chrome = { name: 'Chrome', probe: { capture: SMALL } };
  const orders = {
    'Firefox first': async (house) =>
      [await joinInFirefox(house, fox), await house.join(chrome)],
    'Chromium first': async (house) => {
      const first = await house.join(chrome);
      return [await joinInFirefox(house, fox), first];
    },
    'both at once': (house) =>
      Promise.all([joinInFirefox(house, fox), house.join(chrome)]),
  };
  for (const [order, enter] of Object.entries(orders)) {
    for (let time = 1; time <= repeats(1); time += 1) {
      it(`see and hear each other, ${order}, ${time} of ${repeats(1)}`, LIMIT,
        inHouse(chromium, async (house) => {
          const visitors = await enter(house);
          const [inFirefox, inChromium] = visitors;
          await mediaFlows(visitors);
          await checkMesh(visitors);
          // Off and on again reaches the other browser without an offer, both ways.
          const { offers } = await inFirefox.connections();
          for (const [here, there] of [[inFirefox, inChromium], [inChromium, inFirefox]]) {
            await here.evaluate(() => window.meeting.setCamera(false));
            await eventually(`${there.name} sees that ${here.name} has no video`, async () =>
              (await there.tileOf(here.name)).videoOff === 'true');
            await here.evaluate(() => window.meeting.setCamera(true));
          }
          await mediaFlows(visitors);
          await checkMesh(visitors);
          if ((await inFirefox.connections()).offers !== offers) throw new Error('offered again');
          await inFirefox.evaluate(() => window.meeting.leave());
          await eventually('Firefox lets go of everything', async () =>
            (await inFirefox.leftovers()).length === 0);
          await eventually('Chromium is alone', async () =>
            (await inChromium.tiles()).length === 1);
        }));
    }
  }
});
