// The verdicts of the diagnostics: what is said of what was found, and what to do about it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { diagnose } from '../../wasm/diagnose.js';
import { checkSupport } from '../../wasm/support.js';
import {
  judgeCamera, judgeMicrophone, judgeRelayed, judgeSignaling, judgeStun, judgeSupport, judgeTurn,
  overall, reportText, turnTransport,
} from '../../wasm/verdicts.js';

const FOUND = { found: true, isComplete: false, errors: [], tookMs: 40 };
const NOTHING = { found: false, isComplete: true, errors: [], tookMs: 40 };
const failed = (code, text) => ({ ...NOTHING, errors: [{ code, text, url: 'turn:t' }] });
const SILENT = { ...failed(701, 'STUN binding request timed out.'), isComplete: false };

const verdictOf = ({ verdict }) => verdict;

test('a browser is judged by what it lacks', () => {
  const all = Object.fromEntries(Object.keys(checkSupport().features).map((name) => [name, true]));
  const judged = (features, missing = []) => judgeSupport({ missing, features });
  assert.equal(verdictOf(judged(all)), 'pass');
  const warned = judged({ ...all, getDisplayMedia: false });
  assert.deepEqual([warned.verdict, warned.detail],
    ['warn', 'A meeting works, but without getDisplayMedia.']);
  const old = judged({ ...all, RTCPeerConnection: false }, ['RTCPeerConnection']);
  assert.deepEqual([old.verdict, old.detail], ['fail', 'This browser lacks RTCPeerConnection.']);
  const insecure = judged({ ...all, 'secure context': false }, ['secure context', 'getUserMedia']);
  assert.deepEqual([insecure.verdict, insecure.advice],
    ['fail', 'Open it over https or on localhost.']);
});

test('what Node has is not enough for a meeting, and is said by name', () => {
  const { ok, missing, canShareScreen, features } = checkSupport();
  assert.equal(ok, false);
  assert.deepEqual(missing, ['secure context', 'RTCPeerConnection', 'getUserMedia']);
  assert.equal(canShareScreen, false);
  assert.equal(features.WebAssembly, true);
});

test('a device that does not open is told with its DOMException and what to do', () => {
  for (const [name, advice] of [
    ['NotAllowedError', /^Allow it/], ['NotFoundError', /^Connect one/],
    ['NotReadableError', /^Close other/], ['TypeError', /^Try another/],
  ]) {
    const problem = { name, message: 'told so' };
    for (const check of [judgeCamera({ problem }), judgeMicrophone({ problem })]) {
      assert.equal(check.verdict, 'fail');
      assert.match(check.detail, new RegExp(`${name}: told so`));
      assert.match(check.advice, advice);
    }
  }
});

test('devices that open are judged by what they give', () => {
  assert.equal(verdictOf(judgeCamera({ label: 'Cam', width: 640, height: 480 })), 'pass');
  assert.equal(verdictOf(judgeCamera({ label: 'Cam' })), 'warn');
  assert.equal(judgeMicrophone({ label: 'Mic', peak: 0.42 }).detail,
    'Mic hears something: 42 % at its loudest.');
  assert.equal(verdictOf(judgeMicrophone({ label: 'Mic', peak: 0 })), 'warn');
  assert.match(judgeMicrophone({ label: 'Mic', peak: null }).detail, /could not be measured/);
});

test('a server is there, silent, closed to us, or out of reach', () => {
  const url = 'https://meet.example';
  assert.equal(judgeSignaling({ url, roundTripMs: 12.4 }).detail,
    'The server at https://meet.example answers in 12 ms.');
  assert.equal(verdictOf(judgeSignaling({ url, roundTripMs: null })), 'pass');
  assert.equal(verdictOf(judgeSignaling({ url, refusal: 'The room is full.' })), 'fail');
  const away = judgeSignaling({ url, problem: 'websocket error' });
  assert.equal(away.verdict, 'fail');
  assert.match(away.advice, /WebSockets/);
});

test('ICE servers that the application’s function doesn’t give are a failure', async (t) => {
  const former = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  t.after(() => Object.defineProperty(globalThis, 'navigator', former ?? { value: undefined }));
  const iceServers = async () => { throw new TypeError('Failed to fetch'); };
  const { verdict, checks } = await diagnose({ signaling: null, devices: false, iceServers });
  assert.equal(verdict, 'fail');
  const told = checks.find(({ name }) => name === 'ice-servers');
  assert.equal(told.verdict, 'fail');
  assert.match(told.detail, /TypeError: Failed to fetch/u);
  const none = await diagnose({ signaling: null, devices: false });
  assert.deepEqual(none.checks.filter(({ name }) => name === 'ice-servers'), []);
});

test('STUN is good with an address, or where there is none but our own', () => {
  assert.equal(verdictOf(judgeStun([SILENT, FOUND])), 'pass');
  assert.equal(verdictOf(judgeStun([NOTHING])), 'pass');
  assert.equal(verdictOf(judgeStun([])), 'warn');
  const silent = judgeStun([SILENT]);
  assert.deepEqual([silent.verdict, silent.detail],
    ['fail', 'No STUN server answered (701 STUN binding request timed out).']);
  assert.equal(verdictOf(judgeStun([{ ...NOTHING, isComplete: false }])), 'fail');
});

test('TURN is judged for each transport, and wrong credentials are told apart', () => {
  assert.equal(verdictOf(judgeTurn('udp', [])), 'skip');
  assert.equal(verdictOf(judgeTurn('udp', [failed(701, 'no'), FOUND])), 'pass');
  const refused = judgeTurn('tcp', [failed(401, 'Unauthorized')]);
  assert.deepEqual([refused.name, refused.verdict], ['turn-tcp', 'fail']);
  assert.match(refused.detail, /refuses the credentials \(401 Unauthorized\)/);
  assert.match(judgeTurn('udp', [failed(486, 'Quota')]).detail, /no relay left/);
  assert.match(judgeTurn('tls', [NOTHING]).advice, /certificate/);
  assert.match(judgeTurn('udp', [SILENT]).advice, /block UDP/);
});

test('a relayed path is judged by what it carries and how far it is', () => {
  const at = (kbps, roundTripMs) =>
    judgeRelayed({ isPossible: true, kbps, roundTripMs, protocol: 'udp' });
  assert.deepEqual([at(12_345, 2.2).verdict, at(12_345, 2.2).detail],
    ['pass', 'The relay over UDP carries 12.3 Mbit/s, with a round trip of 2 ms.']);
  assert.equal(verdictOf(at(999, 2)), 'warn');
  assert.equal(verdictOf(at(5_000, 500)), 'warn');
  assert.equal(verdictOf(at(5_000, null)), 'pass');
  assert.equal(verdictOf(judgeRelayed({ isPossible: true, problem: 'no path' })), 'fail');
  assert.match(judgeRelayed({ isPossible: false }).advice, /^Run one/);
  assert.equal(judgeRelayed({ isPossible: false, isNamed: true }).advice,
    'Mend what failed above.');
});

test('the transport of a TURN server is read from its URL', () => {
  const told = ['turn:t', 'turn:t?transport=udp', 'turn:t?transport=tcp', 'turns:t', 'stun:t'];
  assert.deepEqual(told.map(turnTransport), ['udp', 'udp', 'tcp', 'tls', undefined]);
});

test('the report says all of it, and the whole is as bad as its worst part', () => {
  const checks = [
    { name: 'camera', verdict: 'pass', detail: 'Fine.', advice: '' },
    { name: 'stun', verdict: 'warn', detail: 'None.', advice: 'Name one.' },
    { name: 'turn-tls', verdict: 'skip', detail: 'None.', advice: '' },
  ];
  assert.equal(overall(checks), 'warn');
  assert.equal(overall([checks[0], checks[2]]), 'pass');
  assert.equal(overall([...checks, { ...checks[0], verdict: 'fail' }]), 'fail');
  assert.equal(reportText(checks, { userAgent: 'Browser/1', time: '2026-01-01T00:00:00Z' }), [
    'dvMeet diagnostics', '2026-01-01T00:00:00Z  Browser/1', '',
    'PASS  camera: Fine.', 'WARN  stun: None.', '      → Name one.', 'SKIP  turn-tls: None.', '',
  ].join('\n'));
});

test('ICE servers that are none are a check that fails', async (t) => {
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  t.after(() => { delete globalThis.navigator; });
  for (const wrong of [[null], [{}], [{ urls: ['stun:stun.example', 5] }], 'stun:stun.example']) {
    const { checks } = await diagnose(/** @type {any} */ ({
      signaling: null, devices: false, iceServers: async () => wrong,
    }));
    const found = checks.find(({ name }) => name === 'ice-servers');
    assert.equal(found?.verdict, 'fail', JSON.stringify(wrong));
    assert.match(found.detail, /not a list of RTCIceServer/u);
  }
});
