// The hooks in React's own renderer for tests, on fakes; the browser's part is in tests/package.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import {
  FakeConnection, FakeSocket, FakeStream, FakeTrack, installDevices, joinAnswer, settled,
} from './browser.mjs';

installDevices();
const page = new EventTarget();
for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) {
  globalThis[name] = page[name].bind(page);
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;
const complain = console.error;
console.error = (...words) => {
  // It is; nothing else runs hooks without a page.
  if (!/react-test-renderer is deprecated/u.test(String(words[0]))) complain(...words);
};

const require = createRequire(new URL('../../wasm/package.json', import.meta.url));
const { act, createElement, StrictMode } = require('react');
const { create } = require('react-test-renderer');
const { useMeeting, usePeerConnections, VideoTile } = await import('../../wasm/react.js');

/** Connections that remember what they were made with, all of this file's. */
const connections = [];
class RTCPeerConnection extends FakeConnection {
  constructor(configuration) {
    super();
    this.configuration = configuration;
    connections.push(this);
  }
}
const sentBy = (connection) => connection.getTransceivers().map(({ sender }) => sender.track);

const streamOf = (...kinds) => new FakeStream(kinds.map((kind) => new FakeTrack(kind)));

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

/** A component that uses a hook: what the hook gave last, and the ways to make it do so again. */
async function mount(t, hook, ...first) {
  const host = { now: undefined, errors: [] };
  const Host = ({ parameters }) => {
    host.now = hook(...parameters);
    host.errors.push(host.now.error?.code ?? null);
    return null;
  };
  const element = (parameters) => createElement(StrictMode, null,
    createElement(Host, { parameters }));
  let root;
  await act(async () => { root = create(element(first)); });
  host.update = (...parameters) => act(async () => root.update(element(parameters)));
  host.unmount = () => act(async () => root.unmount());
  t.after(host.unmount);
  return host;
}

/** Lets React and the meeting go on until it is so; to compile the module takes a while. */
async function until(isSo) {
  const began = performance.now();
  while (!isSo()) {
    assert.ok(performance.now() - began < 20_000, `it never came to be: ${isSo}`);
    await act(settled);
  }
}

const later = () => act(async () => { for (let time = 0; time < 5; time += 1) await settled(); });

// ---- usePeerConnections() -------------------------------------------------------------------

const list = (...ids) => ids.map((id) => (
  { socketId: id, userName: id, isMuted: false, isVideoOff: false }));

/** The room as a plain server tells it, once it is asked for. */
async function tellRoom(socket, ...others) {
  await until(() => socket.sent.some(([name]) => name === 'get-users'));
  await act(async () => socket.receive('room-users', list('self', ...others)));
}

test('the options of dvMeet’s hook reach its connections', async (t) => {
  const socket = new FakeSocket();
  const iceServers = [{ urls: ['turn:relay.example'], username: 'ana', credential: 'secret' }];
  connections.length = 0;
  const host = await mount(t, usePeerConnections, socket, streamOf('video'), 'standup', {
    RTCPeerConnection, iceServers, configuration: { iceTransportPolicy: 'relay' },
  });
  await tellRoom(socket, 'ben');
  await until(() => connections.length === 1);
  const { iceServers: given, iceTransportPolicy } = connections[0].configuration;
  assert.deepEqual([given, iceTransportPolicy], [iceServers, 'relay']);
  assert.equal(host.now.isConnecting, false);
  assert.equal(host.now.connectionError, null);
});

test('a stream that comes while the module loads is the one that is sent', async (t) => {
  const socket = new FakeSocket();
  const servers = deferred();
  const [first, second, third] = [streamOf('video'), streamOf('video'), streamOf('video')];
  const options = { RTCPeerConnection, iceServers: () => servers.promise };
  connections.length = 0;
  const host = await mount(t, usePeerConnections, socket, first, 'standup', options);
  await later();
  await host.update(socket, second, 'standup', options);
  await act(async () => host.now.updatePeerStreams(third));
  await act(async () => servers.resolve([]));
  await tellRoom(socket, 'ben');
  await until(() => connections.length === 1);
  await later();
  const [, camera] = sentBy(connections[0]);
  assert.equal(camera, third.getTracks()[0]);
  // Tracks that were exchanged within the stream are sent when one says so.
  const track = new FakeTrack('video');
  third.removeTrack(camera);
  third.addTrack(track);
  await act(async () => host.now.updatePeerStreams(third));
  await later();
  assert.equal(sentBy(connections[0])[1], track);
  assert.deepEqual([camera.stops, track.stops], [0, 0]);
  assert.throws(() => host.now.updatePeerStreams(null), { code: 'bad_request' });
});

test('what keeps dvMeet’s hook from connecting is told, and can be tried again', async (t) => {
  const socket = new FakeSocket();
  const options = {
    RTCPeerConnection, iceServers: async () => { throw new Error('no credentials'); },
  };
  const host = await mount(t, usePeerConnections, socket, streamOf('video'), 'standup', options);
  await until(() => host.now.connectionError);
  assert.match(host.now.connectionError, /no credentials/u);
  assert.equal(host.now.isConnecting, false);
  await host.update(socket, streamOf('video'), 'standup', { RTCPeerConnection });
  await act(async () => host.now.restart());
  await tellRoom(socket);
  await until(() => !host.now.isConnecting);
  assert.equal(host.now.connectionError, null);
});

test('a room that is told after the time was over is joined all the same', async (t) => {
  const socket = new FakeSocket();
  connections.length = 0;
  const host = await mount(t, usePeerConnections, socket, streamOf('video'), 'standup',
    { RTCPeerConnection, limits: { joinTimeoutMs: 300 } });
  await until(() => host.now.connectionError);
  socket.sent.length = 0;
  await act(async () => socket.receive('participants-list', list('self', 'ben')));
  await until(() => host.now.isConnecting && !host.now.connectionError);
  await tellRoom(socket, 'ben');
  await until(() => connections.length === 1);
  assert.equal(host.now.isConnecting, false);
  assert.equal(host.now.connectionError, null);
  await act(async () => socket.receive('participants-list', list('self', 'ben')));
  assert.equal(socket.sent.filter(([name]) => name === 'get-users').length, 1);
});

test('without a socket nothing is being connected', async (t) => {
  const stream = streamOf('video');
  const host = await mount(t, usePeerConnections, new FakeSocket(), stream, 'standup',
    { RTCPeerConnection });
  assert.equal(host.now.isConnecting, true);
  await host.update(null, stream, 'standup', { RTCPeerConnection });
  assert.equal(host.now.isConnecting, false);
  await host.update(new FakeSocket(), stream, 'standup',
    { RTCPeerConnection, iceServers: async () => { throw new Error('no credentials'); } });
  await until(() => host.now.connectionError);
  await host.update(null, stream, 'standup', { RTCPeerConnection });
  assert.equal(host.now.connectionError, null);
});

test('the same socket goes to another room', async (t) => {
  const socket = new FakeSocket();
  const stream = streamOf('video');
  const options = { RTCPeerConnection };
  connections.length = 0;
  const host = await mount(t, usePeerConnections, socket, stream, 'standup', options);
  await tellRoom(socket, 'ben');
  await until(() => connections.length === 1);
  socket.sent.length = 0;
  await host.update(socket, stream, 'retro', options);
  assert.equal(connections[0].closes, 1);
  await tellRoom(socket, 'cleo');
  await until(() => connections.length === 2);
  assert.deepEqual(socket.sent.filter(([name]) => name === 'get-users'),
    [['get-users', { roomId: 'retro' }]]);
  assert.equal(host.now.isConnecting, false);
});

test('dvMeet’s hook begins anew on a page that comes back', async (t) => {
  const socket = new FakeSocket();
  connections.length = 0;
  const host = await mount(t, usePeerConnections, socket, streamOf('video'), 'standup',
    { RTCPeerConnection });
  await tellRoom(socket, 'ben');
  await until(() => connections.length === 1);
  socket.sent.length = 0;
  await hideAndShow();
  assert.equal(connections[0].closes, 1);
  await tellRoom(socket, 'ben');
  await until(() => connections.length === 2);
  assert.equal(host.now.connectionError, null);
});

/** As a browser that keeps a page while another one is looked at. */
const hideAndShow = () => act(async () => {
  page.dispatchEvent(new Event('pagehide'));
  await settled();
  page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
});

// ---- useMeeting() ---------------------------------------------------------------------------

const options = (socket, more) => ({
  room: 'standup', name: 'Ana', signaling: socket, RTCPeerConnection, ...more,
});
const joins = (socket) => socket.sent.filter(([name]) => name === 'join-room')
  .map(([, { roomId, userName }]) => `${userName} in ${roomId}`);
const isIn = (host) => () => host.now.snapshot.connection === 'joined';

test('one pair’s failure, and a device’s, are no error of the meeting', async (t) => {
  const socket = new FakeSocket(joinAnswer('ben'));
  const refused = Object.assign(new Error('no'), { name: 'NotAllowedError' });
  const mediaDevices = { getUserMedia: async () => { throw refused; } };
  const host = await mount(t, useMeeting, options(socket, {
    mediaDevices, media: { video: true },
    RTCPeerConnection: class extends RTCPeerConnection {
      async setLocalDescription() { throw new TypeError('no description'); }
    },
  }));
  await until(isIn(host));
  await until(() => host.now.snapshot.participants[1].connection === 'failed');
  await until(() => host.now.snapshot.self.camera.error?.name === 'NotAllowedError');
  assert.deepEqual([...new Set(host.errors)], [null]);
});

test('a refused join is an error until the next one succeeds', async (t) => {
  const socket = new FakeSocket({ ok: false, code: 'room_full', message: 'Full.' });
  const host = await mount(t, useMeeting, options(socket));
  await until(() => host.now.error);
  assert.equal(host.now.error.code, 'room_full');
  socket.answer = joinAnswer();
  await act(async () => host.now.meeting.join());
  await until(isIn(host));
  assert.equal(host.now.error, null);
  await act(async () => host.now.meeting.leave());
  assert.equal(host.now.error, null);
});

test('what ends the meeting is its error, and restart() begins a new one', async (t) => {
  const socket = new FakeSocket();
  const host = await mount(t, useMeeting, options(socket));
  await until(isIn(host));
  const { meeting } = host.now;
  const problem = { code: 'displaced', event: '', message: '' };
  await act(async () => socket.receive('server-error', problem));
  await until(() => host.now.error);
  assert.equal(host.now.error.code, 'displaced');
  assert.equal(host.now.snapshot.connection, 'left');
  await act(async () => host.now.restart());
  await until(isIn(host));
  assert.equal(host.now.error, null);
  assert.notEqual(host.now.meeting, meeting);
});

test('a page that comes back is in its meeting again', async (t) => {
  const socket = new FakeSocket();
  const host = await mount(t, useMeeting, options(socket));
  await until(isIn(host));
  await hideAndShow();
  await until(() => joins(socket).length === 2);
  await until(isIn(host));
  assert.equal(host.now.error, null);
});

test('who had left stays out', async (t) => {
  const socket = new FakeSocket();
  const host = await mount(t, useMeeting, options(socket));
  await until(isIn(host));
  await act(async () => host.now.meeting.leave());
  await hideAndShow();
  await later();
  assert.equal(host.now.snapshot.connection, 'left');
  assert.equal(joins(socket).length, 1);
});

test('a page that is hidden on the way in has no error to tell', async (t) => {
  const socket = new FakeSocket();
  socket.connected = false;
  const host = await mount(t, useMeeting, options(socket));
  await until(() => host.now.snapshot.connection === 'joining');
  await act(async () => { page.dispatchEvent(new Event('pagehide')); });
  await later();
  assert.equal(host.now.snapshot.connection, 'left');
  assert.deepEqual([...new Set(host.errors)], [null]);
});

test('who goes while the module loads opens no device', async (t) => {
  const servers = deferred();
  const opened = [];
  const host = await mount(t, useMeeting, options(new FakeSocket(), {
    iceServers: () => servers.promise, media: { video: true },
    mediaDevices: {
      getUserMedia: async (wish) => {
        opened.push(wish);
        return streamOf('video');
      },
    },
  }));
  await later();
  await host.unmount();
  servers.resolve([]);
  await later();
  await later();
  assert.deepEqual(opened, []);
  assert.deepEqual([...new Set(host.errors)], [null]);
});

test('who joins by hand does so under the latest name', async (t) => {
  const socket = new FakeSocket();
  const lobby = { autoJoin: false };
  const host = await mount(t, useMeeting, options(socket, { ...lobby, name: '' }));
  await until(() => host.now.meeting);
  await host.update(options(socket, { ...lobby, name: 'An' }));
  await host.update(options(socket, { ...lobby, name: 'Anna' }));
  assert.equal(host.now.snapshot.self.name, 'Anna');
  assert.deepEqual(joins(socket), []);
  await act(async () => host.now.meeting.join());
  assert.deepEqual(joins(socket), ['Anna in standup']);
  await host.update(options(socket, { ...lobby, name: 'Hanna' }));
  assert.deepEqual(joins(socket), ['Anna in standup', 'Hanna in standup']);
  await host.update(options(socket, { ...lobby, name: 'x'.repeat(300) }));
  assert.equal(host.now.error.code, 'bad_request');
});

test('a name that changes while the module loads is the one that is joined as', async (t) => {
  const socket = new FakeSocket();
  const servers = deferred();
  const loading = { iceServers: () => servers.promise };
  const host = await mount(t, useMeeting, options(socket, loading));
  await later();
  await host.update(options(socket, { ...loading, name: 'Anna' }));
  await act(async () => servers.resolve([]));
  await until(isIn(host));
  assert.equal(joins(socket).at(-1), 'Anna in standup');
});

test('another room is another meeting; another stream is sent in the same', async (t) => {
  const socket = new FakeSocket(joinAnswer('ben'));
  const [first, second] = [streamOf('audio', 'video'), streamOf('audio', 'video')];
  connections.length = 0;
  const host = await mount(t, useMeeting, options(socket, { media: first }));
  await until(() => connections.length === 1);
  await later();
  assert.deepEqual(sentBy(connections[0]), [...first.getTracks(), null]);
  await host.update(options(socket, { media: second }));
  await later();
  assert.deepEqual(sentBy(connections[0]), [...second.getTracks(), null]);
  const { meeting } = host.now;
  await host.update(options(socket, { media: second, room: 'retro' }));
  assert.equal(meeting.snapshot.connection, 'left');
  await until(() => connections.length === 2);
  assert.notEqual(host.now.meeting, meeting);
  assert.deepEqual(joins(socket), ['Ana in standup', 'Ana in retro']);
});

// ---- <VideoTile> ----------------------------------------------------------------------------

/** A page of tiles whose elements are as large as the test lays them out. */
class FakeResizeObserver {
  static all = new Set();

  constructor(tell) {
    this.tell = tell;
    FakeResizeObserver.all.add(this);
  }

  observe(element) {
    this.element = element;
  }

  disconnect() {
    FakeResizeObserver.all.delete(this);
  }

  static layOut(element, width, height) {
    for (const each of FakeResizeObserver.all) {
      if (each.element === element) each.tell([{ contentRect: { width, height } }]);
    }
  }
}

test('tiles show their stream, hand out their element, and tell their size', async (t) => {
  let waiting = [];
  t.mock.method(globalThis, 'setTimeout', (callback) => waiting.push(callback));
  const wait = () => {
    const due = waiting;
    waiting = [];
    for (const callback of due) callback();
  };
  Object.assign(globalThis, { ResizeObserver: FakeResizeObserver, devicePixelRatio: 2 });
  const told = [];
  const streams = { camera: new FakeStream(), screen: new FakeStream() };
  const meeting = {
    snapshot: { self: { id: 'self' } },
    on: () => () => {},
    streamOf: (id, kind) => streams[kind],
    showTile: (id, kind, { width, height }) => told.push(`${id} ${kind} ${width}×${height}`),
  };
  const refs = {};
  const tile = (key, more) => createElement(VideoTile, {
    key, meeting, participantId: 'ben', ref: (element) => { refs[key] = element; }, ...more,
  });
  const showing = (...tiles) => createElement(StrictMode, null, ...tiles);
  const [large, small] = [tile('large'), tile('small')];
  const others = [tile('screen', { kind: 'screen' }), tile('own', { participantId: 'self' })];
  let root;
  await act(async () => {
    root = create(showing(large, small, ...others),
      { createNodeMock: () => ({ videoWidth: 640, videoHeight: 480 }) });
  });
  t.after(() => act(async () => root.unmount()));
  assert.deepEqual(['large', 'screen', 'own'].map((key) => refs[key].srcObject),
    [streams.camera, streams.screen, streams.camera]);
  wait(); // what StrictMode took away is back by then
  told.length = 0;

  FakeResizeObserver.layOut(refs.large, 800, 600);
  FakeResizeObserver.layOut(refs.small, 160, 120);
  FakeResizeObserver.layOut(refs.screen, 640, 480); // as large as its picture, whatever that is
  FakeResizeObserver.layOut(refs.own, 160, 120);
  assert.deepEqual(told.splice(0), ['ben camera 1600×1200', 'ben camera 1600×1200',
    'ben screen Infinity×Infinity']);
  FakeResizeObserver.layOut(refs.screen, 0, 0); // hidden
  FakeResizeObserver.layOut(refs.screen, 640, 480);
  FakeResizeObserver.layOut(refs.large, 640, 480); // its picture happens to fit
  assert.deepEqual(told.splice(0),
    ['ben screen 0×0', 'ben screen Infinity×Infinity', 'ben camera 1280×960']);
  await act(async () => root.update(showing(small, ...others)));
  assert.deepEqual(told, []);
  wait();
  assert.deepEqual(told.splice(0), ['ben camera 320×240']);
  await act(async () => root.update(showing()));
  wait();
  assert.deepEqual(told, ['ben camera 0×0', 'ben screen 0×0']);
});
