// Four people, one of whom has an uplink that doesn't carry what three pictures and voices take:
// what the others hear of her while the uplink is divided, and while it isn't.

/* global window */

import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { LIMIT } from '../browser/harness.mjs';
import { Call, table, useCalls } from './call.mjs';
import { URL_WITH_TURN, skip } from './lab/lab.mjs';

const figuresFile = process.env.DVMEET_FIGURES;

const SENDER = 'ana';
const OTHERS = ['ben', 'cleo', 'dan'];
/** What four people are asked for, a little less often; two cores carry no more. */
const FILM = { width: 640, height: 480, frameRate: 20 };
/** Of those who only look on, next to nothing. */
const ONLOOKER = { capture: { width: 160, height: 120, frameRate: 2 }, thrift: true };
const WISHES = {
  [SENDER]: { capture: FILM }, ...Object.fromEntries(OTHERS.map((name) => [name, ONLOOKER])),
};
/** Pages as small as they can be while a pinned tile takes the whole film. */
const VIEWPORT = { width: 760, height: 480 };
const RATE_KBPS = 1_500;
/** Longer than home routers let packets wait, shorter than some do. */
const QUEUE_MS = 300;
const START_PATIENCE_MS = 60_000;
/** Until congestion control has found the bottleneck, and the uplink is divided. */
const SETTLE_MS = 45_000;
const WATCH_MS = 60_000;
/** What nobody calls a call. */
const MAX_CONCEALED = 0.05;

/** What has come in from one participant so far. */
async function readInbound(name) {
  const { meeting } = window;
  const { id } = meeting.snapshot.participants.find((each) => each.name === name);
  const report = [...(await meeting.statsReport(id)).values()]
    .filter(({ type }) => type === 'inbound-rtp');
  const [audio, video] = ['audio', 'video'].map((kind) =>
    report.filter((each) => each.kind === kind)
      .sort((one, other) => other.bytesReceived - one.bytesReceived)[0]);
  return {
    concealed: audio.concealedSamples, samples: audio.totalSamplesReceived,
    audioBytes: audio.bytesReceived, videoBytes: video.bytesReceived,
    frames: video.framesDecoded, width: video.frameWidth, frozenS: video.totalFreezesDuration,
  };
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

async function inbound(call) {
  return Promise.all(OTHERS.map((name) => call.visitors[name].evaluate(readInbound, SENDER)));
}

/** @returns what one minute of the narrow link was like, for all who receive from it together */
async function observe(lab, browsers, adapts) {
  const url = new URL(URL_WITH_TURN);
  if (!adapts) url.searchParams.set('adapt', '0');
  const call = await Call.open(browsers, url.href, WISHES);
  try {
    await call.untilFlowing(START_PATIENCE_MS);
    for (const { page } of Object.values(call.visitors)) await page.setViewportSize(VIEWPORT);
    for (const name of OTHERS) await call.visitors[name].press(`Pin ${SENDER}`);
    await lab.clients[SENDER].shape({ rate: RATE_KBPS, queue: QUEUE_MS }, ['up']);
    await pause(SETTLE_MS);
    const before = await inbound(call);
    await pause(WATCH_MS);
    const now = await inbound(call);
    const grown = (field) => now.map((each, index) => each[field] - before[index][field]);
    const kbps = (field) => sum(grown(field)) * 8 / WATCH_MS;
    const concealed = grown('concealed').map((each, index) => each / grown('samples')[index]);
    return {
      concealed: sum(concealed) / concealed.length,
      worstConcealed: Math.max(...concealed),
      audioKbps: kbps('audioBytes'),
      videoKbps: kbps('videoBytes'),
      fps: sum(grown('frames')) / OTHERS.length * 1000 / WATCH_MS,
      width: Math.max(...now.map(({ width }) => width)),
      frozen: sum(grown('frozenS')) / OTHERS.length * 1000 / WATCH_MS,
      budget: await call.visitors[SENDER].evaluate(() => window.meeting.snapshot.budget),
    };
  } catch (error) {
    console.log(await call.describe());
    throw error;
  } finally {
    await call.close();
    await lab.clients[SENDER].restore();
  }
}

const percent = (share) => `${(share * 100).toFixed(2)} %`;

function row(title, figures) {
  return [
    title, percent(figures.concealed), percent(figures.worstConcealed),
    figures.audioKbps.toFixed(0), figures.videoKbps.toFixed(0), `${figures.width}`,
    figures.fps.toFixed(1), percent(figures.frozen),
  ];
}

function lines(contender, figures) {
  const { concealed, worstConcealed, audioKbps, videoKbps, fps, frozen } = figures;
  const named = [
    ['audio.concealed', concealed * 100, '%'], ['audio.concealed.worst', worstConcealed * 100, '%'],
    ['audio.rate', audioKbps, 'kbit/s'], ['video.rate', videoKbps, 'kbit/s'],
    ['video.frames', fps, 'frames/s'], ['video.frozen', frozen * 100, '%'],
  ];
  return named.map(([name, value, unit]) => JSON.stringify({
    figure: `mesh.${name}`, n: OTHERS.length, value: Number(value.toFixed(3)), unit, contender,
  }));
}

describe('an uplink of 1.5 Mbit/s for three pictures and voices', () => {
  const { holder, browsers } = useCalls([SENDER, ...OTHERS], { [SENDER]: FILM });
  const found = new Map();
  after(() => {
    if (found.size === 0) return;
    const rows = [...found].map(([title, figures]) => row(title, figures));
    console.log(`\n${table([['uplink', 'concealed', 'worst', 'audio kbit/s', 'video kbit/s',
      'width', 'frames/s', 'frozen'], ...rows])}\n`);
    if (!figuresFile) return;
    appendFileSync(figuresFile, [...found].flatMap(([title, figures]) =>
      lines(title === 'divided' ? 'dvmeet-core' : `dvmeet-core, ${title}`, figures))
      .map((line) => `${line}\n`).join(''));
  });

  it('is left to the browser where nothing adapts', { ...LIMIT, skip }, async () => {
    for (const client of Object.values(holder.lab.clients)) await client.setKind('open');
    const figures = await observe(holder.lab, browsers, false);
    found.set('not divided', figures);
    assert.ok(figures.audioKbps > 0 && figures.videoKbps > 0, JSON.stringify(figures));
    assert.equal(figures.budget.uplinkBps, null);
  });

  it('is divided, and everybody is heard', { ...LIMIT, skip }, async () => {
    for (const client of Object.values(holder.lab.clients)) await client.setKind('open');
    const figures = await observe(holder.lab, browsers, true);
    found.set('divided', figures);
    const told = JSON.stringify(figures);
    assert.ok(figures.worstConcealed < MAX_CONCEALED, told);
    assert.ok(figures.fps > 1, `pictures still move; ${told}`);
    assert.ok(figures.videoKbps + figures.audioKbps < RATE_KBPS, told);
  });
});
