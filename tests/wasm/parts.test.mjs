// What an application brings itself: another way to the server, a clock, devices, the module.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { createMeeting } from '../../wasm/index.js';
import {
  FakeConnection, FakeStream, FakeTrack, installDevices, joinAnswer, makeMeeting, settled,
} from './browser.mjs';

installDevices();
const execute = promisify(execFile);

/** Carries messages nowhere; answers a join, and remembers the rest. */
class FakeSignaling {
  state = 'closed';
  sent = [];
  calls = [];
  #handlers = { message: new Set(), state: new Set() };

  get listening() {
    return Object.values(this.#handlers).map(({ size }) => size);
  }

  on(event, handler) {
    this.#handlers[event].add(handler);
    return () => this.#handlers[event].delete(handler);
  }

  tell(event, ...values) {
    if (event === 'state') [this.state] = values;
    for (const handler of [...this.#handlers[event]]) handler(...values);
  }

  send(name, payload, answered) {
    this.sent.push(name);
    if (name === 'join-room') answered?.(joinAnswer('ben'));
  }

  open() {
    this.calls.push('open');
  }

  close() {
    this.calls.push('close');
    this.state = 'closed';
  }
}

test('another way to the server is opened, heard, answered and closed', async () => {
  const signaling = new FakeSignaling();
  const { meeting } = await makeMeeting({ signaling });
  assert.deepEqual(signaling.listening, [0, 0]);
  const joining = meeting.join();
  assert.deepEqual(signaling.calls, ['open']);
  signaling.tell('state', 'open');
  await joining;
  assert.deepEqual(meeting.snapshot.participants.map(({ id }) => id), ['self', 'ben']);
  signaling.tell('message', 'user-joined', { socketId: 'cleo', userName: 'Cleo' });
  assert.equal(meeting.snapshot.participants.at(-1).name, 'Cleo');

  signaling.tell('state', 'closed', 'the line is cut');
  assert.equal(meeting.snapshot.connection, 'reconnecting');
  meeting.reconnect(); // now rather than after a pause
  assert.deepEqual(signaling.calls, ['open', 'open']);
  signaling.tell('state', 'open');
  await settled();
  assert.equal(meeting.snapshot.connection, 'joined');
  await meeting.leave();
  assert.deepEqual(signaling.calls, ['open', 'open', 'close']);
  assert.deepEqual(signaling.listening, [0, 0]);
  assert.equal(signaling.sent.at(-1), 'leave-room');
});

test('one that is open by itself is used as it is', async () => {
  const signaling = Object.assign(new FakeSignaling(), { state: 'open', open: undefined });
  signaling.close = undefined;
  const { meeting } = await makeMeeting({ signaling });
  await meeting.join();
  assert.equal(meeting.snapshot.connection, 'joined');
  await meeting.leave();
  assert.deepEqual(signaling.listening, [0, 0]);
});

test('one that throws on opening can’t be reached', async () => {
  const signaling = new FakeSignaling();
  signaling.open = () => { throw new Error('no wire'); };
  const { meeting } = await makeMeeting({ signaling });
  await assert.rejects(meeting.join(), { name: 'MeetingError', code: 'signaling_unreachable' });
  assert.deepEqual(signaling.listening, [0, 0]);
});

/** What it can't send at first ends the join; whole again, it carries one. */
async function joinAtSecondTry(sendFirst) {
  const signaling = new FakeSignaling();
  const { meeting, reports } = await makeMeeting({ signaling });
  const joining = meeting.join();
  const { send } = signaling;
  signaling.send = sendFirst;
  signaling.tell('state', 'open');
  await assert.rejects(joining, { code: 'signaling_unreachable', message: /no wire/u });
  Object.assign(signaling, { send, state: 'closed' });

  const again = meeting.join();
  signaling.tell('state', 'open');
  await again;
  return { signaling, send, meeting, reports };
}

test('one that throws on sending is as good as closed', async () => {
  const { signaling, meeting, reports } = await joinAtSecondTry(
    () => { throw new Error('no wire'); });
  signaling.send = () => { throw new Error('the wire is cut'); };
  meeting.setMicrophone(true);
  await settled();
  assert.equal(meeting.snapshot.connection, 'reconnecting');
  assert.match(reports.find(({ code }) => code === 'signaling_lost').detail, /the wire is cut/u);
  await assert.doesNotReject(meeting.leave());
});

test('one that fails later to open can’t be reached', async () => {
  const signaling = new FakeSignaling();
  signaling.open = async () => { throw new Error('no wire'); };
  const { meeting } = await makeMeeting({ signaling });
  await assert.rejects(meeting.join(), { code: 'signaling_unreachable', message: /no wire/u });
  assert.deepEqual(signaling.listening, [0, 0]);
});

test('one that fails later to send is as good as closed, once', async () => {
  const { signaling, send, meeting, reports } = await joinAtSecondTry(
    async () => { throw new Error('no wire'); });
  const failures = [];
  signaling.send = () => new Promise((_, reject) => { failures.push(reject); });
  meeting.setMicrophone(true);
  await settled();
  meeting.sendChat('Hello?');
  for (const fail of failures.splice(0, 1)) fail(new Error('the wire is cut'));
  await settled();
  assert.equal(meeting.snapshot.connection, 'reconnecting');
  Object.assign(signaling, { send });
  meeting.reconnect(); // now rather than after a pause
  signaling.tell('state', 'open');
  assert.equal(meeting.snapshot.connection, 'joined');
  for (const fail of failures) fail(new Error('the former wire'));
  await settled();
  assert.equal(meeting.snapshot.connection, 'joined');
  assert.deepEqual(reports.filter(({ code }) => code === 'signaling_lost').length, 1);
  await meeting.leave();
});

test('one whose on() gives nothing back is left all the same', async () => {
  const signaling = Object.assign(new FakeSignaling(), { state: 'open' });
  const { on } = signaling;
  signaling.on = (...parameters) => { on.apply(signaling, parameters); };
  const { meeting } = await makeMeeting({ signaling });
  await meeting.join();
  await meeting.leave();
  assert.deepEqual(signaling.calls, ['close']);
});

test('time passes by the clock that was brought', async () => {
  const timers = new Map();
  const clock = {
    time: 1000.7,
    now: () => clock.time,
    setTimeout(callback, milliseconds) {
      const timer = Symbol('timer');
      timers.set(timer, { callback, at: clock.time + milliseconds });
      return timer;
    },
    clearTimeout: (timer) => timers.delete(timer),
  };
  const signaling = new FakeSignaling();
  signaling.send = () => {}; // a server that never answers
  const { meeting } = await makeMeeting({ signaling, clock, limits: { joinTimeoutMs: 5000 } });
  const joining = meeting.join();
  signaling.tell('state', 'open');
  assert.equal(timers.size, 1);
  const [[timer, { callback, at }]] = timers;
  assert.equal(at, 6000.7);
  timers.delete(timer);
  clock.time = at;
  callback();
  await assert.rejects(joining, { code: 'join_timeout' });
  assert.equal(timers.size, 0);
  const times = meeting.trace().trimEnd().split('\n').slice(1).map((line) => JSON.parse(line).time);
  assert.deepEqual([...new Set(times)], [1000, 6000]);
});

test('devices and streams of the application’s own make are used', async () => {
  const track = new FakeTrack('audio');
  const mediaDevices = { getUserMedia: async () => new FakeStream([track]) };
  class OwnStream extends FakeStream {}
  const { meeting } = await makeMeeting({
    mediaDevices, MediaStream: OwnStream, media: { audio: true },
  });
  await settled();
  assert.ok(meeting.streamOf('') instanceof OwnStream);
  assert.deepEqual(meeting.streamOf('').getTracks(), [track]);
  await meeting.leave();
  assert.equal(track.stops, 1);
});

test('the module may come as bytes, as a compiled module, or from another place', async () => {
  const url = new URL('../../wasm/dist/dvmeet.wasm', import.meta.url);
  const bytes = readFileSync(url);
  for (const wasm of [bytes, await WebAssembly.compile(bytes), url, String(url)]) {
    const { meeting } = await makeMeeting({ wasm });
    assert.equal(meeting.snapshot.connection, 'idle');
  }
});

test('where fetch() is a browser’s, the module is fetched once for all meetings', async () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { fileURLToPath } from 'node:url';
    const fetched = [];
    globalThis.fetch = async (url) => {
      fetched.push(String(url));
      return new Response(readFileSync(fileURLToPath(url)),
        { headers: { 'content-type': 'application/wasm' } });
    };
    const { installDevices, makeMeeting } = await import('./browser.mjs');
    installDevices();
    await Promise.all([makeMeeting(), makeMeeting()]);
    await makeMeeting();
    console.log(fetched.length, fetched[0]);`;
  // Electron's pages have both conditions, and are to take the browser's way.
  const { stdout, stderr } = await execute(process.execPath,
    ['--conditions=browser', '--input-type=module', '--eval', script],
    { cwd: fileURLToPath(new URL('.', import.meta.url)) });
  assert.match(stdout, /^1 .*\/wasm\/dist\/dvmeet\.wasm\n$/u, stderr);
});

test('a module that can’t be had says so, and the next try is a new one', async () => {
  const isUnavailable = { name: 'MeetingError', code: 'core_unavailable' };
  const RTCPeerConnection = FakeConnection;
  const page = new TextEncoder().encode('<!doctype html>');
  await assert.rejects(createMeeting({ RTCPeerConnection, wasm: page }),
    { ...isUnavailable, message: /something else than dvmeet\.wasm, often its start page/u });
  const missing = new URL('nowhere.wasm', import.meta.url);
  await assert.rejects(createMeeting({ RTCPeerConnection, wasm: missing }),
    { ...isUnavailable, message: /ENOENT.*Check that dvmeet\.wasm is served beside/u });
  await assert.doesNotReject(createMeeting({ RTCPeerConnection }));
});

test('ICE servers that can’t be had, and options that can’t be used, are rejections', async () => {
  const cause = new Error('the credentials are gone');
  const iceServers = async () => { throw cause; };
  await assert.rejects(makeMeeting({ iceServers }),
    { name: 'MeetingError', code: 'ice_servers_failed', message: /credentials are gone/u, cause });
  await assert.rejects(makeMeeting({ limits: { silenceMs: 0 } }),
    { name: 'MeetingError', code: 'bad_request', message: /silenceMs is not a whole number/u });
});

test('a meeting that is called off while it is loaded opens no device', async () => {
  const opened = [];
  const mediaDevices = { getUserMedia: async (wish) => opened.push(wish) };
  const calledOff = new AbortController();
  const { signal } = calledOff;
  const iceServers = async () => {
    calledOff.abort();
    return [];
  };
  await assert.rejects(makeMeeting({ signal, iceServers, mediaDevices, media: { video: true } }),
    { name: 'MeetingError', code: 'left' });
  await settled();
  assert.deepEqual(opened, []);
});

test('a part that is none is named', async () => {
  const isBad = (message) => ({ name: 'MeetingError', code: 'bad_request', message });
  const some = () => {};
  for (const wrong of [
    { signaling: null }, { signaling: {} }, { signaling: 5 }, { signaling: { state: 'open' } },
    { signaling: { on: some, off: some, emit: some } }, { clock: {} }, { clock: { now: some } },
    { MediaStream: {} }, { RTCPeerConnection: {} },
  ]) {
    const [name] = Object.keys(wrong);
    const options = /** @type {any} */ ({ RTCPeerConnection: FakeConnection, ...wrong });
    const told = new RegExp(`^These options can't be used: ${name} is not `, 'u');
    await assert.rejects(createMeeting(options), isBad(told), JSON.stringify(wrong));
  }
  for (const options of /** @type {any[]} */ ([null, 'standup'])) {
    await assert.rejects(createMeeting(options), isBad(/options is not an object/u));
  }
});

test('a platform without WebRTC is named, and what to do about it', async () => {
  await assert.rejects(createMeeting({ MediaStream: /** @type {any} */ (FakeStream) }), {
    name: 'MeetingError', code: 'unsupported_browser',
    message: 'There is no RTCPeerConnection here. Use a current Chrome, Edge, Firefox or Safari; '
      + 'elsewhere, hand in parts of your own.',
  });
});

test('a page that is not served by https is told so when it wants devices', async (t) => {
  globalThis.isSecureContext = false;
  t.after(() => { delete globalThis.isSecureContext; });
  await assert.rejects(makeMeeting({ media: { audio: true } }),
    { name: 'MeetingError', code: 'insecure_context', message: /Serve this page by https\./u });
  await assert.doesNotReject(makeMeeting({ media: new FakeStream() }));
  await assert.doesNotReject(makeMeeting({}));
});
