// The flight recorder: whatever comes in, what it wrote down makes a core do the same again.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { loadCore } from '../../wasm/load.js';
import { createRecorder } from '../../wasm/recorder.js';

const core = await loadCore();
const transcripts = new URL('../transcripts/', import.meta.url);
const rows = JSON.parse(readFileSync(new URL('malformed.json', transcripts), 'utf8'));

/** A core that is recorded, in a room with Ben. */
function recorded(config = {}) {
  assert.equal(core.configure(config), '');
  const recorder = createRecorder(config);
  let time = 0;
  const dispatch = (event, after = 1) => {
    time += after;
    const actions = core.dispatch(time, event);
    if (typeof actions !== 'string') recorder.add(time, event, actions);
    return actions;
  };
  dispatch({ type: 'joinRequested', room: 'room', name: 'Ana' });
  dispatch({ type: 'signalingOpened', socketId: 'self' });
  dispatch({
    type: 'signalReceived', name: 'participants-list',
    payload: [{ socketId: 'self', userName: 'Ana' }, { socketId: 'ben', userName: 'Ben' }],
  });
  return { recorder, dispatch };
}

function checkReplay(text) {
  const [head, ...entries] = text.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.equal(core.configure(head.config), '');
  assert.equal(head.dropped, 0);
  for (const { time, event, actions } of entries) {
    assert.deepEqual(core.dispatch(time, event), actions, JSON.stringify(event).slice(0, 400));
  }
  return entries;
}

function checkBoth({ recorder }) {
  checkReplay(recorder.text(true));
  checkReplay(recorder.text(false));
  assert.equal(recorder.text(false), recorder.text(false));
  assert.doesNotMatch(recorder.text(true), /\\ud[89a-f]/u);
}

const offer = (sdp, more = {}) => ({
  type: 'signalReceived', name: 'offer',
  payload: { fromId: 'ben', sdp: { type: 'offer', sdp }, ...more },
});
const candidate = (text, more = {}) => ({
  type: 'signalReceived', name: 'ice-candidate',
  payload: { fromId: 'ben', candidate: { candidate: text, sdpMid: '0', ...more } },
});
const chat = (text) => ({
  type: 'signalReceived', name: 'new-message',
  payload: { id: '1', sender: 'Ben', time: '10:30', text },
});

const stories = readdirSync(transcripts).filter((file) => file.endsWith('.txt'));
for (const file of stories) {
  test(`the story ${file} replays from its trace`, () => {
    assert.equal(core.configure({}), '');
    const recorder = createRecorder({});
    const told = readFileSync(new URL(file, transcripts), 'utf8');
    for (const [, time, event] of told.matchAll(/^> (\d+) (.*)$/gmu)) {
      const read = JSON.parse(event);
      recorder.add(Number(time), read, core.dispatch(Number(time), read));
    }
    checkBoth({ recorder });
  });
}

test('every malformed message replays', () => {
  const recording = recorded();
  for (const { name, payload } of rows) {
    recording.dispatch({ type: 'signalReceived', name, payload });
  }
  checkBoth(recording);
});

test('what JSON can’t say, or says in megabytes, replays and takes no room', () => {
  const recording = recorded();
  const circle = {};
  circle.self = circle;
  for (const payload of [1n, NaN, circle, '\ud800', 'x'.repeat(4 << 20), undefined]) {
    recording.dispatch({ type: 'signalReceived', name: 'offer', payload });
    recording.dispatch(offer(payload));
    recording.dispatch(chat(payload));
    recording.dispatch({ type: 'channelReceived', connection: 1, name: payload, payload });
    recording.dispatch({ type: 'joinAnswered', op: 1, answer: payload });
  }
  assert.ok(recording.recorder.text(true).length < 20_000);
  checkBoth(recording);
});

test('descriptions replay however their lines are written', () => {
  const recording = recorded();
  const lines = ['v=0', 'o=- 1 2 IN IP4 10.0.0.1', 'a=ice-ufrag:A', 'a=ice-pwd:secret',
    'm=audio 50000 UDP/TLS/RTP/SAVPF 111', 'a=candidate:1 1 udp 1 10.0.0.1 50000 typ host'];
  for (const end of ['\r\n', '\n', '\r\r\n', '\r']) {
    recording.dispatch(offer(lines.join(end)));
    recording.dispatch(offer(lines.join(end) + end, { generation: 3 }));
  }
  for (const origin of ['o=', 'o= ', 'o=-', 'o=- 5', 'o=-  5', 'o=a b c 10.0.0.1']) {
    recording.dispatch(offer(`${origin}\na=ice-ufrag:B`));
  }
  recording.dispatch(offer('m=\n'.repeat(43_690)));
  checkBoth(recording);
  assert.doesNotMatch(recording.recorder.text(false), /10\.0\.0\.1|50000|secret/u);
});

test('candidates replay however their text is written', () => {
  const recording = recorded();
  for (const text of ['', 'x', 'candidate:1 1 udp 1 10.0.0.1 5 typ host ufrag A network-id 1',
    ' ufrag A', 'candidate: ufrag  A', 'candidate:1 ufrag typ host', ' ufrag  ufrag B',
    ` ufrag ${'y'.repeat(1017)}`]) {
    recording.dispatch(candidate(text));
    recording.dispatch(candidate(text, { usernameFragment: 'A' }));
  }
  recording.dispatch(offer('o=- 1\r\na=ice-ufrag:A\r\n'));
  checkBoth(recording);
  assert.doesNotMatch(recording.recorder.text(false), /10\.0\.0\.1/u);
});

test('error messages keep their words and lose what is private', () => {
  const recording = recorded();
  const message = 'Failed: a=ice-pwd:abc/+1 a=fingerprint:sha-256 AB:CD, 192.168.1.7:99, '
    + '[2001:db8::5], ::1, fe80:1:2:3:4:5:6:7, '
    + '0b1c2d3e-0b1c-2d3e-4f5a-0b1c2d3e4f5a.local at 10:30:05';
  for (const name of ['OperationError', 'InvalidStateError']) {
    for (let op = 1; op < 8; op += 1) {
      recording.dispatch({ type: 'operationFailed', connection: 1, op, error: { name, message } });
    }
    recording.dispatch({ type: 'actionFailed', connection: 1, error: { name, message } });
  }
  recording.dispatch({ type: 'signalingClosed', reason: 'connect ECONNREFUSED 127.0.0.1:3000' });
  checkBoth(recording);
  const text = recording.recorder.text(false);
  assert.match(text, /Failed: a=ice-pwd:x a=fingerprint:sha-256 x, 0\.x\.002:99, \[x003\], /u);
  assert.match(text, /, ::1, x004, x\.local at 10:30:05/u);
  assert.match(text, /ECONNREFUSED 0\.x\.001:3000/u);
});

test('ICE servers lose their hosts and credentials, in the configuration too', () => {
  const urls = ['turns:turn.example:5349?transport=tcp'];
  const recording = recorded({ iceServers: [{ urls, username: 'u', credential: 'c' }] });
  recording.dispatch({ type: 'reconnectRequested', participant: null });
  checkBoth(recording);
  const text = recording.recorder.text(false);
  assert.match(text, /"urls":\["turns:x\?transport=tcp"\],"username":"redacted"/u);
  assert.doesNotMatch(text, /turn\.example|"c"/u);
  assert.match(recording.recorder.text(true), /turn\.example/u);
});

test('ICE servers that differ in their hosts alone are others in a trace, too', () => {
  for (const [first, second] of [['one.example', 'two.example'], ['same', 'same'], ['a', 'b']]) {
    const recording = recorded({
      iceServersTtlMs: 1000, iceServers: [{ urls: [`stun:${first}`] }],
    });
    const ask = recording.dispatch({ type: 'timePassed' }, 20_000)
      .find(({ type }) => type === 'askIceServers');
    const actions = recording.dispatch({
      type: 'iceServersGiven', op: ask.op, iceServers: [{ urls: [`stun:${second}`] }],
      iceServersTtlMs: 0,
    });
    assert.equal(actions.some(({ type }) => type === 'updateIceServers'), first !== second);
    checkBoth(recording);
    assert.doesNotMatch(recording.recorder.text(false), /example/u);
  }
});

test('participants whose ids are addresses stay apart, and in order', () => {
  const ids = ['10.0.0.9:5000', '10.0.0.10:5000', '9.0.0.1:5000', '10.0.0.9:6000',
    '[2001:db8::5]:1', '[2001:db8::15]:1'];
  const people = ids.map((id) => ({ socketId: id, userName: id }));
  for (const self of ids) {
    assert.equal(core.configure({}), '');
    const recorder = createRecorder({});
    const dispatch = (time, event) => recorder.add(time, event, core.dispatch(time, event));
    dispatch(1, { type: 'joinRequested', room: 'room', name: 'Ana' });
    dispatch(2, { type: 'signalingOpened', socketId: self });
    dispatch(3, { type: 'signalReceived', name: 'participants-list', payload: people });
    for (const [index, id] of ids.entries()) {
      dispatch(4 + index, {
        type: 'signalReceived', name: 'offer',
        payload: { fromId: id, sdp: { type: 'offer', sdp: 'o=- 1\r\na=ice-ufrag:A\r\n' } },
      });
    }
    dispatch(20, { type: 'signalReceived', name: 'user-left', payload: { participantId: ids[1] } });
    dispatch(60_000, { type: 'timePassed' });
    checkBoth({ recorder });
    assert.doesNotMatch(recorder.text(false), /10\.0\.0|2001/u);
  }
});

test('each certificate has a stand-in of its own', () => {
  const recording = recorded();
  for (const fingerprint of ['sha-256 AB:CD', 'sha-256 AB:CE', 'sha-256 AB:CD', '', 'sha-1 ']) {
    recording.dispatch(offer(`o=- 1\r\na=ice-ufrag:A\r\na=fingerprint:${fingerprint}\r\n`));
  }
  checkBoth(recording);
  const text = recording.recorder.text(false);
  assert.doesNotMatch(text, /AB:C/u);
  assert.deepEqual([...text.matchAll(/a=fingerprint:([^\\]*)/gu)].map(([, told]) => told),
    ['sha-256 x', 'sha-256 x2', 'sha-256 x', '', 'x3']);
});

test('what JSON can’t say in a field that the core doesn’t know replays, too', () => {
  const circle = { more: [] };
  circle.self = circle;
  circle.more.push(circle, 1n);
  const throwing = { get value() { throw new Error('no'); } };
  for (const unknown of [1n, circle, throwing, { deep: [{ deep: 2n }] }]) {
    const recording = recorded();
    const told = offer('o=- 1\r\na=ice-ufrag:A\r\n');
    told.payload = { unknown, ...told.payload };
    assert.equal(recording.dispatch(told)[0].code, 'offer_ignored');
    recording.dispatch(chat('Hello'));
    checkBoth(recording);
  }
});

test('fields that the core doesn’t know are not told, whatever they are called', () => {
  const recording = recorded();
  recording.dispatch(offer('o=- 1', {
    email: 'ben@example.org', ['__proto__']: { a: 1 }, toString: 'x', __defineGetter__: 'y',
  }));
  recording.dispatch({ ...chat('A secret word'), more: { deep: ['ben@example.org'] } });
  recording.dispatch({ type: 'chatSubmitted', text: 'Another secret word', time: '10:31' });
  checkBoth(recording);
  assert.doesNotMatch(recording.recorder.text(false), /ben@example|secret/u);
  assert.match(recording.recorder.text(true), /ben@example\.org/u);
});

test('the ring is bounded, by entries and by characters, and says what it dropped', () => {
  const recorder = createRecorder({});
  for (let time = 1; time <= 60_000; time += 1) recorder.add(time, { type: 'timePassed' }, []);
  const [head, first, ...rest] = recorder.text(false).trimEnd().split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(rest.length < 40_000);
  assert.equal(head.dropped + rest.length + 1, 60_000);
  assert.equal(first.time, head.dropped + 1);
  const large = { type: 'chatSubmitted', text: 'x'.repeat(1 << 20), time: '' };
  for (let time = 1; time <= 60; time += 1) recorder.add(time, large, []);
  assert.ok(recorder.text(true).length <= 33 << 20);
});
