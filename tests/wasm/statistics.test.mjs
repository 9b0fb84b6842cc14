// What the glue copies out of a browser's report, whatever that lacks.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { levelOf, ownLevelOf, sampleOf } from '../../wasm/statistics.js';

/** @param {object[]} entries each with an id @returns {any} */
const reportOf = (...entries) => new Map(entries.map((entry) => [entry.id, entry]));
/** @type {any} */
const SLOTS = new Map([['microphone', { mid: '0' }], ['camera', { mid: '1' }],
  ['screen', { mid: '2' }]]);

const IN = {
  id: 'I', type: 'inbound-rtp', kind: 'video', mid: '2', bytesReceived: 1000, packetsReceived: 10,
  packetsLost: -1, jitter: 0.0123456, framesDecoded: 30, framesPerSecond: 14.6, frameWidth: 640,
  frameHeight: 360, freezeCount: 1, totalFreezesDuration: 0.25,
};
const OUT = {
  id: 'O', type: 'outbound-rtp', kind: 'audio', bytesSent: 500, packetsSent: 5, remoteId: 'R',
  mediaSourceId: 'S', targetBitrate: 32_000.4,
};
const CHROMIUM = reportOf(
  { id: 'T', type: 'transport', timestamp: 5000.4, selectedCandidatePairId: 'P',
    selectedCandidatePairChanges: 2 },
  { id: 'P', type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'F',
    currentRoundTripTime: 0.02, availableOutgoingBitrate: 300_000.5 },
  { id: 'L', type: 'local-candidate', candidateType: 'relay', protocol: 'udp',
    relayProtocol: 'tls' },
  { id: 'F', type: 'remote-candidate', candidateType: 'host' },
  { id: 'R', type: 'remote-inbound-rtp', packetsLost: 3, jitter: 0.001, roundTripTime: 0.03 },
  { id: 'S', type: 'media-source', audioLevel: 0.5 },
  IN, OUT,
);

test('without details the bytes that came in are summed, and the way they took is told', () => {
  const { pair, ...sample } = sampleOf(CHROMIUM, SLOTS, false);
  assert.deepEqual(sample, { type: 'statsSampled', bytes: 1000 });
  assert.deepEqual([pair.local, pair.remote], ['relay', 'host']);
  assert.deepEqual(sampleOf(reportOf(), SLOTS, false),
    { type: 'statsSampled', bytes: 0, pair: undefined });
});

test('details are whole numbers of fixed units, by slot', () => {
  const sample = JSON.parse(JSON.stringify(sampleOf(CHROMIUM, SLOTS, true)));
  assert.deepEqual(sample, {
    type: 'statsSampled', bytes: 1000, at: 5000,
    pair: {
      local: 'relay', remote: 'host', protocol: 'udp', relayProtocol: 'tls', roundTripUs: 20_000,
      availableOutgoingBps: 300_001, changes: 2,
    },
    received: [{
      slot: 'screen', bytes: 1000, packets: 10, packetsLost: -1, jitterUs: 12_346,
      framesDecoded: 30, fps: 15, width: 640, height: 360, freezes: 1, frozenMs: 250,
    }],
    sent: [{
      slot: 'microphone', bytes: 500, packets: 5, packetsLost: 3, jitterUs: 1000,
      roundTripUs: 30_000, targetBps: 32_000, audioLevel: 500,
    }],
  });
});

test('a browser without a transport entry marks the pair itself', () => {
  const { pair } = /** @type {any} */ (sampleOf(reportOf(
    { id: 'P', type: 'candidate-pair', selected: true, localCandidateId: 'L' },
    { id: 'L', type: 'local-candidate', candidateType: 'srflx', protocol: 'udp' },
  ), SLOTS, true));
  assert.deepEqual([pair.local, pair.remote, pair.protocol], ['srflx', undefined, 'udp']);
  assert.equal(/** @type {any} */ (sampleOf(reportOf(), SLOTS, true)).pair, undefined);
});

test('two lines of one slot fill it once', () => {
  const more = { ...IN, id: 'J', mid: undefined };
  const { received } = /** @type {any} */ (
    sampleOf(reportOf(more, { ...more, id: 'K', bytesReceived: 7 }, IN), SLOTS, true));
  assert.deepEqual(received.map((/** @type {any} */ { slot, bytes }) => [slot, bytes]),
    [['camera', 7], ['screen', 1000]]);
});

test('levels are permille, and absent where nothing tells them', async () => {
  const heard = { getSynchronizationSources: () => [{ audioLevel: 0.1234 }] };
  assert.equal(levelOf(/** @type {any} */ (heard)), 123);
  assert.equal(levelOf(/** @type {any} */ ({ getSynchronizationSources: () => [] })), undefined);
  assert.equal(levelOf(/** @type {any} */ ({})), undefined);
  assert.equal(await ownLevelOf(/** @type {any} */ ({ getStats: async () => CHROMIUM })), 500);
  assert.equal(await ownLevelOf(undefined), undefined);
  const closed = { getStats: async () => { throw new Error('closed'); } };
  assert.equal(await ownLevelOf(/** @type {any} */ (closed)), undefined);
});
