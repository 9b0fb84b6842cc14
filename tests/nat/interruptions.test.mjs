// Three people in a call, and what happens to the network of one of them: everybody's pictures come
// back without anybody doing anything, and pairs that were not touched don't notice.

import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { eventually, LIMIT } from '../browser/harness.mjs';
import { Call, table, useCalls } from './call.mjs';
import { skip } from './lab/lab.mjs';
import { kept, longest, quantile, recovery } from './pauses.mjs';
import { canBeDirect } from './theory.mjs';

const repeats = Number(process.env.DVMEET_REPEAT) || 1;
/** Where a benchmark wants its figures, one JSON line each; it wants all of them. */
const figuresFile = process.env.DVMEET_FIGURES;

const START_PATIENCE_MS = 40_000;
/** Until ICE has found its best pair. */
const SETTLE_MS = 4_000;
/** A break that nobody announces stops the pictures at once, but shows by their absence only. */
const LEAST_WATCH_MS = 3_000;
const BACK_PATIENCE_MS = 60_000;
/** A relay that nobody needs any more is left after some seconds. */
const PATH_PATIENCE_MS = 20_000;
/** The latest picture of a direction that flows is not older. */
const FRESH_MS = 400;
const MAX_UNTOUCHED_PAUSE_MS = 1_000;
/** Of the pictures of a call that nothing happened to: two busy cores lose some by themselves. */
const LEAST_KEPT = 0.9;

/** All pairs direct. */
const DIRECT = { ana: 'portRestricted', ben: 'portRestricted', cleo: 'fullCone' };
/** Ana's connections are relayed over TCP. */
const RELAYED_TCP = { ...DIRECT, ana: 'udpBlocked' };
/** Ana and Ben are relayed over UDP, the others direct. */
const RELAYED_UDP = { ...DIRECT, ana: 'symmetric' };

/** Seconds that credentials last; signaling servers give none for less. */
const SHORT_LIVED_S = 60;

/** What the client's other uplink is. */
const ON_LTE = { ana: 'symmetric' };

const ofAna = ({ from, to }) => from === 'ana' || to === 'ana';
const ofAnaAndBen = ({ from, to }) => from !== 'cleo' && to !== 'cleo';
const ofNobody = () => false;

async function turnRestarts({ servers }) {
  await servers.killTurn();
  await pause(2000);
  await servers.restartTurn();
}

/** Until it is started again, peers reach each other by way of others alone. */
async function turnRestartsWithoutSignaling(lab) {
  await lab.servers.killSignaling();
  await turnRestarts(lab);
}

/** By then the credentials that people joined with are refused. */
async function turnRestartsAfterExpiry(lab) {
  await pause((SHORT_LIVED_S + 5) * 1000);
  await turnRestarts(lab);
}

async function blocksUdp({ clients }, milliseconds) {
  await clients.ana.setKind('udpBlocked');
  await pause(milliseconds);
  await clients.ana.setKind(DIRECT.ana);
}

async function signalingIsAway({ servers }, milliseconds) {
  await servers.killSignaling();
  await pause(milliseconds);
  await servers.restartSignaling();
}

async function losses({ clients }, percent, milliseconds) {
  await clients.ana.loss(percent);
  await pause(milliseconds);
  await clients.ana.loss(0);
}

/**
 * `happen` resolves when the network can be used again; `goal` is the median we want from then to
 * the next picture, in seconds; `touched` are the directions that may pause; `kinds` are the
 * networks before, and `after` those that are others afterwards; `later` happens when pictures are
 * back; `credentialsLastS` is of those for TURN; `long` is left out unless repetitions or figures
 * are asked for.
 * @type {{key: string, title: string, goal: number,
 *   happen: (lab: import('./lab/lab.mjs').Lab) => Promise<void>,
 *   touched?: (direction: {from: string, to: string}) => boolean, kinds?: typeof DIRECT,
 *   after?: Partial<typeof DIRECT>, later?: (lab: import('./lab/lab.mjs').Lab) => Promise<void>,
 *   credentialsLastS?: number, long?: boolean}[]}
 */
const INTERRUPTIONS = [
  {
    key: 'cut-5', title: 'cut of 5 s', goal: 1.5,
    happen: ({ clients }) => clients.ana.cut(5_000),
  },
  {
    key: 'cut-20', title: 'cut of 20 s', goal: 2, long: true,
    happen: ({ clients }) => clients.ana.cut(20_000),
  },
  {
    key: 'cut-60', title: 'cut of 60 s', goal: 2, long: true,
    happen: ({ clients }) => clients.ana.cut(60_000),
  },
  {
    key: 'nat-address', title: 'NAT has a new public address', goal: 4.5,
    happen: ({ clients }) => clients.ana.changeNatAddress(),
  },
  {
    key: 'lan-address', title: 'new LAN address', goal: 2.5,
    happen: ({ clients }) => clients.ana.changeLanAddress(),
  },
  {
    key: 'handover-gap', title: 'Wi-Fi to LTE, 2 s without', goal: 2.5, after: ON_LTE,
    happen: ({ clients }) => clients.ana.handOver({ gapMs: 2_000 }),
  },
  {
    // No browser tells a page of a second uplink, nor that the first is gone while there is one.
    key: 'handover-overlap', title: 'Wi-Fi to LTE, 5 s with both', goal: 4.5, long: true,
    after: ON_LTE,
    happen: ({ clients }) => clients.ana.handOver({ overlapMs: 5_000 }),
  },
  {
    key: 'relay-mappings', title: 'mappings lost, relayed over TCP', goal: 4.5, kinds: RELAYED_TCP,
    happen: ({ clients }) => clients.ana.loseMappings(),
  },
  {
    key: 'loss', title: '30 % loss for 20 s', goal: 1.5, long: true,
    happen: (lab) => losses(lab, 30, 20_000),
  },
  {
    key: 'turn-restart', title: 'TURN server restarts', goal: 4.5, kinds: RELAYED_UDP,
    touched: ofAnaAndBen, happen: turnRestarts,
  },
  {
    key: 'turn-restart-expired', title: 'TURN restarts, credentials expired', goal: 4.5,
    kinds: RELAYED_UDP, touched: ofAnaAndBen, happen: turnRestartsAfterExpiry,
    credentialsLastS: SHORT_LIVED_S, long: true,
  },
  {
    key: 'turn-restart-forwarded', title: 'TURN restarts, signaling away', goal: 4.5,
    kinds: RELAYED_UDP, touched: ofAnaAndBen, happen: turnRestartsWithoutSignaling,
    later: ({ servers }) => servers.restartSignaling(),
  },
  {
    // Relayed while it lasts; what counts is that the relay is left.
    key: 'udp-blocked', title: 'UDP blocked for 15 s', goal: 0,
    happen: (lab) => blocksUdp(lab, 15_000),
  },
  {
    key: 'signaling-5', title: 'signaling away for 5 s', goal: 0, touched: ofNobody,
    happen: (lab) => signalingIsAway(lab, 5_000),
  },
  {
    key: 'signaling-60', title: 'signaling away for 60 s', goal: 0, touched: ofNobody, long: true,
    happen: (lab) => signalingIsAway(lab, 60_000),
  },
];

/** Everybody has new pictures of both others. */
async function flows(call) {
  const recordings = await call.recordings();
  return call.directions.every(({ from, to }) =>
    recordings[to].readAt - recordings[to].frames[from].at(-1) < FRESH_MS);
}

/** And everybody is in the room, and sees the two others. */
async function isWell(call) {
  const snapshots = await Promise.all(
    Object.values(call.visitors).map((visitor) => visitor.snapshot()));
  return snapshots.every(({ connection, participants }) => connection === 'joined'
      && participants.length === 3
      && participants.every((each) => each.isSelf || each.connection === 'connected'))
    && flows(call);
}

/** What each direction's packets go by: 'direct', 'relay' or 'none'. */
async function waysOf(call) {
  const paths = await call.paths();
  return call.directions.map(({ from, to }) => {
    const path = paths[to][from];
    if (!path) return 'none';
    return [path.local, path.remote].some(({ type }) => type === 'relay') ? 'relay' : 'direct';
  });
}

/** Lets it happen in a call, and returns what came of each direction. */
async function observe(lab, call, interruption) {
  const { happen, touched = ofAna, kinds = DIRECT, after: changed, later } = interruption;
  const now = { ...kinds, ...changed };
  const bestWays = call.directions.map(({ from, to }) =>
    (canBeDirect(now[from], now[to]) ? 'direct' : 'relay'));
  await call.untilFlowing(START_PATIENCE_MS);
  await pause(SETTLE_MS);
  const from = Date.now();
  await happen(lab);
  const usable = Date.now();
  await pause(LEAST_WATCH_MS);
  const comesBack = (what, question) =>
    eventually(what, () => question(call), BACK_PATIENCE_MS).catch(() => false);
  const isHelped = !later || await comesBack('pictures of everybody everywhere', flows);
  await later?.(lab);
  const isBack = await comesBack('all is well again', isWell) && isHelped;
  if (isBack) await pause(LEAST_WATCH_MS); // nothing falls over again
  const recordings = await call.recordings();
  let ways;
  const isBestWay = await eventually('the best paths there are', async () => {
    ways = await waysOf(call);
    return ways.every((way, index) => way === bestWays[index]);
  }, PATH_PATIENCE_MS).catch(() => false);
  const results = call.directions.map((direction, index) => {
    const { frames: { [direction.from]: frames }, readAt: to } = recordings[direction.to];
    return {
      direction: `${direction.from} to ${direction.to}`,
      touched: touched(direction),
      recoveryMs: recovery(frames, { from, usable, to }),
      longestPauseMs: longest(frames, { from, to }),
      kept: kept(frames, { since: from - SETTLE_MS, from, to }),
      path: ways[index],
    };
  });
  return { isBack, isBestWay, results };
}

function check({ isBack, isBestWay, results }) {
  const told = results.map(({ direction, recoveryMs, longestPauseMs, path }) =>
    `${direction}: pictures ${Number.isFinite(recoveryMs) ? `after ${recoveryMs} ms` : 'never'}, `
    + `longest pause ${longestPauseMs} ms, path ${path}`).join('; ');
  for (const { touched, recoveryMs, longestPauseMs } of results) {
    if (touched) assert.ok(recoveryMs <= BACK_PATIENCE_MS, told);
    else assert.ok(longestPauseMs <= MAX_UNTOUCHED_PAUSE_MS, `an untouched pair pauses; ${told}`);
  }
  if (results.every(({ touched }) => !touched)) {
    const least = Math.min(...results.map((result) => result.kept));
    assert.ok(least >= LEAST_KEPT, `${percent(least)} of the pictures; ${told}`);
  }
  assert.ok(isBack, `not everybody is well again; ${told}`);
  assert.ok(isBestWay, `somebody stays on another path than the best; ${told}`);
}

const seconds = (milliseconds) =>
  Number.isFinite(milliseconds) ? `${(milliseconds / 1000).toFixed(2)} s` : 'never';
const percent = (share) => `${Math.round(share * 100)} %`;

const QUANTILES = { min: 0, '25 %': 0.25, median: 0.5, '75 %': 0.75, '90 %': 0.9, worst: 1 };
const HEADINGS = ['interruption', 'goal', ...Object.keys(QUANTILES), 'n', 'untouched pause',
  'and keep', 'paths of touched afterwards'];

/** One line of the table. */
function summary({ title, goal }, results) {
  const touched = results.filter((result) => result.touched);
  const times = touched.map(({ recoveryMs }) => recoveryMs);
  const untouched = results.filter((result) => !result.touched);
  const pauses = untouched.map(({ longestPauseMs }) => longestPauseMs);
  const least = Math.min(...untouched.map((result) => result.kept));
  const count = (path) => touched.filter((result) => result.path === path).length;
  const paths = ['direct', 'relay', 'none'].filter(count).map((path) => `${count(path)} ${path}`);
  return [
    title, goal > 0 ? `≤ ${goal} s` : '–',
    ...Object.values(QUANTILES).map((share) =>
      (times.length ? seconds(quantile(times, share)) : '–')),
    String(times.length),
    ...(untouched.length ? [seconds(Math.max(...pauses)), percent(least)] : ['–', '–']),
    paths.join(', ') || '–',
  ];
}

/** The figures of one interruption, in seconds: of the touched, or else of the untouched. */
function figures({ key }, results) {
  const times = (isTouched, field) => results.filter(({ touched }) => touched === isTouched)
    .map((result) => result[field] / 1000);
  const recoveries = times(true, 'recoveryMs');
  const pauses = times(false, 'longestPauseMs');
  const line = (name, values, value) => JSON.stringify({
    figure: `recover.${key}.${name}`, n: values.length,
    value: Number.isFinite(value) ? Number(value.toFixed(3)) : 'never', unit: 's',
    contender: 'dvmeet-core',
  });
  return [
    ...(recoveries.length ? [
      line('median', recoveries, quantile(recoveries, 0.5)),
      line('p90', recoveries, quantile(recoveries, 0.9)),
      line('worst', recoveries, Math.max(...recoveries)),
    ] : []),
    ...(pauses.length ? [line('untouched', pauses, Math.max(...pauses))] : []),
  ];
}

describe('interruptions', () => {
  const { holder, browsers } = useCalls(['ana', 'ben', 'cleo']);
  const found = new Map();
  after(() => {
    if (found.size === 0) return;
    const rows = [...found].map(([interruption, results]) => summary(interruption, results));
    console.log(`\n${table([HEADINGS, ...rows])}\n`);
    if (!figuresFile) return;
    const lines = [...found].flatMap(([interruption, results]) => figures(interruption, results));
    appendFileSync(figuresFile, lines.map((line) => `${line}\n`).join(''));
  });

  for (const interruption of INTERRUPTIONS) {
    if (interruption.long && repeats === 1 && !figuresFile) continue;
    for (let time = 1; time <= repeats; time += 1) {
      const title = repeats > 1 ? `, ${time} of ${repeats}` : '';
      it(`${interruption.title}${title}`, { ...LIMIT, skip }, async () => {
        const { lab } = holder;
        for (const [name, kind] of Object.entries(interruption.kinds ?? DIRECT)) {
          await lab.clients[name].restore();
          await lab.clients[name].setKind(kind);
        }
        await lab.servers.letCredentialsLast(interruption.credentialsLastS);
        const call = await Call.open(browsers);
        try {
          const outcome = await observe(lab, call, interruption);
          found.set(interruption, [...found.get(interruption) ?? [], ...outcome.results]);
          check(outcome);
        } catch (error) {
          console.log(await call.describe());
          throw error;
        } finally {
          await call.close();
        }
      });
    }
  }
});
