// Every pair of client networks meets: directly where it can, by relay where it must, and the core
// says which; without a relay it says why it can't.

/* global window */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { eventually, LIMIT } from '../browser/harness.mjs';
import { Call, table, useCalls } from './call.mjs';
import { skip, URL_REFUSED, URL_WITHOUT_TURN, URL_WITH_TURN } from './lab/lab.mjs';
import { ALL_PAIRS, canBeDirect, reasonWithoutTurn, relayTransport } from './theory.mjs';

/**
 * Every kind twice and every kind of path: direct at once, through two filters that open each
 * other, to a port nobody could know; relayed over UDP, TCP and TLS; and without TURN none.
 */
const EXAMPLES = [
  ['open', 'firewall'], ['firewall', 'portRestricted'], ['fullCone', 'symmetric'],
  ['addressRestricted', 'symmetric'], ['portRestricted', 'portRestricted'],
  ['firewall', 'symmetric'], ['symmetric', 'symmetric'], ['open', 'udpBlocked'],
  ['fullCone', 'udpBlocked'], ['addressRestricted', 'tlsOnly'], ['tlsOnly', 'tlsOnly'],
];

const repeats = Number(process.env.DVMEET_REPEAT) || 1;
const pairs = repeats > 1 ? ALL_PAIRS : EXAMPLES;

/** Milliseconds until pictures flow, until the best path is taken, and until there is none. */
const FLOW_PATIENCE_MS = 30_000;
const PATH_PATIENCE_MS = 15_000;
const FAILURE_PATIENCE_MS = 45_000;

const sides = { ana: 'ben', ben: 'ana' };
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

const endName = ({ type, relayProtocol }) =>
  type === 'relay' && relayProtocol ? `relay/${relayProtocol}` : type;
const pathName = (path) => path ? `${endName(path.local)}–${endName(path.remote)}` : 'none';
const isDirect = ({ local, remote }) => local.type !== 'relay' && remote.type !== 'relay';

/** What the core has to say of a path. */
const truthOf = (path) => ({
  relayed: !isDirect(path), local: path.local.type, remote: path.remote.type,
  relayProtocol: path.local.relayProtocol ?? null,
});
/** And what it says. */
const wordOf = ({ told: { relayed, chosen: { local, remote, relayProtocol } = {} } }) =>
  ({ relayed, local, remote, relayProtocol });

/**
 * Waits until both sides use a path as theory has it and have told of it, or for so long that they
 * never will.
 */
async function settledPaths(call, direct) {
  let paths;
  await eventually('the best path', async () => {
    const { ana, ben } = await call.paths();
    paths = { ana: ana.ben, ben: ben.ana };
    return Object.values(paths).every((path) => path && isDirect(path) === direct
      && isDeepStrictEqual(wordOf(path), truthOf(path)));
  }, PATH_PATIENCE_MS).catch(() => {});
  return paths;
}

async function meetWithTurn(browsers, kinds) {
  const call = await Call.open(browsers);
  try {
    for (const visitor of Object.values(call.visitors)) {
      await visitor.evaluate(() => window.meeting.watchStats(true));
    }
    await call.untilFlowing(FLOW_PATIENCE_MS);
    const direct = canBeDirect(kinds.ana, kinds.ben);
    const paths = await settledPaths(call, direct);
    const { ana, ben } = await call.recordings();
    const firstFrame = Math.max(ana.frames.ben[0], ben.frames.ana[0]) - ben.joinedAt;
    checkPaths(paths, kinds, direct);
    return { path: `${pathName(paths.ana)} | ${pathName(paths.ben)}`, firstFrame };
  } catch (error) {
    console.log(await call.describe());
    throw error;
  } finally {
    await call.close();
  }
}

function checkPaths(paths, kinds, direct) {
  for (const [name, path] of Object.entries(paths)) {
    assert.ok(path, `${name} has no path`);
    assert.equal(isDirect(path), direct, `${name}: ${pathName(path)}`);
    assert.deepEqual(wordOf(path), truthOf(path), `what ${name}'s core says of the path`);
    const { local } = path;
    const transport = relayTransport(kinds[name]);
    if (transport !== 'udp') assert.equal(local.type, 'relay', `${name} can reach a relay only`);
    if (local.type === 'relay') assert.equal(local.relayProtocol, transport, pathName(path));
  }
}

/** @param {string[]} reasons that ana and ben are to be told */
async function failToMeet(browsers, url, reasons) {
  const call = await Call.open(browsers, url);
  try {
    const failures = await eventually('both say that there is no way', async () => {
      const recordings = await call.recordings();
      const found = Object.entries(sides).map(([name, other]) => recordings[name].changes
        .find((change) => change.name === other && change.connection === 'failed'));
      return found.every(Boolean) && found;
    }, FAILURE_PATIENCE_MS);
    const { ana, ben } = await call.recordings();
    assert.deepEqual([ana.frames.ben ?? [], ben.frames.ana ?? []], [[], []], 'no picture came');
    assert.deepEqual(failures.map(({ error }) => error?.code), reasons);
    const codes = new Set(failures.map(({ error }) => error.code));
    const at = Math.max(...failures.map((failure) => failure.at)) - ben.joinedAt;
    return `${[...codes].join()} after ${seconds(at)}`;
  } catch (error) {
    console.log(await call.describe());
    throw error;
  } finally {
    await call.close();
  }
}

describe('pairs of networks', () => {
  const { holder, browsers } = useCalls(['ana', 'ben']);
  const rows = [['ana', 'ben', 'path of ana | of ben', 'first picture', 'without a relay']];
  after(() => rows.length > 1 && console.log(`\n${table(rows)}\n`));

  for (const [one, other] of pairs) {
    for (let time = 1; time <= repeats; time += 1) {
      const title = repeats > 1 ? `, ${time} of ${repeats}` : '';
      it(`${one} and ${other}${title}`, { ...LIMIT, skip }, async () => {
        const { ana, ben } = holder.lab.clients;
        await ana.setKind(one);
        await ben.setKind(other);
        const [withTurn, withoutTurn] = await Promise.all([
          meetWithTurn(browsers, { ana: one, ben: other }),
          canBeDirect(one, other) ? 'not tried'
            : failToMeet(browsers, URL_WITHOUT_TURN, [one, other].map(reasonWithoutTurn)),
        ]);
        rows.push([one, other, withTurn.path, seconds(withTurn.firstFrame), withoutTurn]);
      });
    }
  }

  const helpless = async (url, reason) => {
    const { ana, ben } = holder.lab.clients;
    await ana.setKind('symmetric');
    await ben.setKind('symmetric');
    const said = await failToMeet(browsers, url, [reason, reason]);
    rows.push(['symmetric', 'symmetric', '–', '–', said]);
  };

  it('symmetric and symmetric, and the relay is away', { ...LIMIT, skip }, async () => {
    const { servers } = holder.lab;
    await servers.killTurn();
    await servers.restartTurn({ relays: false });
    try {
      await helpless(URL_WITH_TURN, 'relay_unreachable');
    } finally {
      await servers.killTurn();
      await servers.restartTurn();
    }
  });

  it('symmetric and symmetric, and the relay refuses them', { ...LIMIT, skip }, () =>
    helpless(URL_REFUSED, 'credentials_refused'));
});
