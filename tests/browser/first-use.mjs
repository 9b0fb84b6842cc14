// How long the first use of the module takes in Chromium, and when the page shows its lobby.
// node tests/browser/first-use.mjs REPETITIONS, run by tools/bench load.

import { FAKE_DEVICES, launchChromium, SITE, startStaticHost } from './harness.mjs';
import { quantile } from '../nat/pauses.mjs';

const MODULE = '/dvmeet-core/dist/standalone.js';
/** Loads before those that count: caches fill, of bytes and of compiled code. */
const WARM_UP = 3;

/** In a page that has used nothing yet: milliseconds until there is a meeting to use. */
async function firstUse(module) {
  const { createMeeting } = await import(module);
  const began = performance.now();
  await createMeeting({});
  return performance.now() - began;
}

/** Notes when the lobby is painted and when its meeting is there, from the start of navigation. */
function installClock() {
  const told = {};
  window.clock = new Promise((resolve) => {
    const look = (now) => {
      if (document.getElementById('lobby')?.hidden === false) told.lobby ??= now;
      if (window.meeting) told.meeting ??= performance.now();
      if (told.lobby && told.meeting) resolve(told);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

const host = await startStaticHost({ '/': SITE });
const chromium = await launchChromium([FAKE_DEVICES]);
const found = { 'first-use': [], lobby: [], meeting: [] };
try {
  const context = await chromium.newContext();
  const inPage = async (path, question, ...parameters) => {
    const page = await context.newPage();
    await page.addInitScript(installClock);
    await page.goto(`${host.url}${path}`);
    const answer = await page.evaluate(question, ...parameters);
    await page.close();
    return answer;
  };
  const rounds = WARM_UP + Number(process.argv[2]);
  for (let round = 1; round <= rounds; round += 1) {
    const used = await inPage('/favicon.svg', firstUse, MODULE);
    const { lobby, meeting } = await inPage('/index.html', () => window.clock);
    if (round <= WARM_UP) continue;
    found['first-use'].push(used);
    found.lobby.push(lobby);
    found.meeting.push(meeting);
  }
} finally {
  await chromium.close();
  await host.close();
}

const TITLES = {
  'first-use': 'compiled, instantiated, a meeting made',
  lobby: 'from navigation to the lobby', meeting: 'from navigation to its meeting',
};
for (const [name, times] of Object.entries(found)) {
  console.log(`${TITLES[name].padEnd(40)} median ${quantile(times, 0.5).toFixed(1).padStart(7)} ms`
    + `   worst ${quantile(times, 1).toFixed(1).padStart(7)} ms   n ${times.length}`);
}
console.log();
for (const [name, times] of Object.entries(found)) {
  for (const [kind, value] of [['median', quantile(times, 0.5)], ['worst', quantile(times, 1)]]) {
    console.log(JSON.stringify({
      figure: `load.${name}.${kind}`, n: times.length, value: Number(value.toFixed(1)), unit: 'ms',
      contender: 'dvmeet-core',
    }));
  }
}
