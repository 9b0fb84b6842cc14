// Sizes and rates: what the core decides reaches senders and cameras, and what an application says
// reaches the core.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { createConnections } from '../../wasm/connections.js';
import { setEncoding } from '../../wasm/encoding.js';
import { MeetingError, meshBandwidth } from '../../wasm/index.js';
import { createMedia } from '../../wasm/media.js';
import {
  FakeConnection, FakeSocket, FakeStream, FakeTrack, installDevices, joinAnswer, makeMeeting,
  settled,
} from './browser.mjs';

const opened = installDevices().tracks;

const ENCODING = {
  active: true, maxBitrateBps: 150_000, scaleDownPermille: 1500, maxFrameRate: 15,
  prefers: 'motion',
};
const AS_PARAMETERS = {
  active: true, maxBitrate: 150_000, scaleResolutionDownBy: 1.5, maxFramerate: 15,
};
const isBad = (message) => ({ name: 'MeetingError', code: 'bad_request', message });

/** A meeting that is left however its test ends. */
async function meet(t, options) {
  const made = await makeMeeting(options);
  t.after(() => made.meeting.leave());
  return made;
}

// ---- what is sent ---------------------------------------------------------------------------

/** A connection with three lines, and what its glue tells the core. */
function linked() {
  const events = [];
  let pc;
  const { arms } = createConnections(/** @type {any} */ ({
    RTCPeerConnection: class extends FakeConnection {
      constructor() {
        super();
        pc = this;
      }
    },
    MediaStream: FakeStream,
    configuration: {},
    dispatch: (event) => events.push(event),
    media: { streams: { camera: new FakeStream(), screen: new FakeStream() } },
    changed() {},
  }));
  arms.createConnection({ participant: 'ben', connection: 1, iceServers: [], channel: false });
  arms.addTransceivers({ connection: 1, slots: ['microphone', 'camera', 'screen'] });
  const [, camera, screen] = pc.getTransceivers().map(({ sender }) => sender);
  return { arms, events, camera, screen };
}

/** A browser that reads dictionaries as the specification says, but knows fewer members. */
function oldSender() {
  const known = ['active', 'maxBitrate', 'scaleResolutionDownBy'];
  const sender = {
    track: null,
    parameters: { transactionId: '1' },
    getParameters: () => structuredClone(sender.parameters),
    async setParameters({ transactionId, encodings }) {
      const read = encodings.map((each) => Object.fromEntries(
        Object.entries(each).filter(([name]) => known.includes(name))));
      sender.parameters = { transactionId, encodings: read };
    },
  };
  return sender;
}

test('an encoding goes to the sender of its slot, in the browser’s units', async () => {
  const { arms, events, camera, screen } = linked();
  const before = structuredClone(screen.parameters);
  arms.setEncoding({ connection: 1, op: 7, slot: 'camera', encoding: ENCODING });
  await settled();
  assert.deepEqual(camera.parameters, {
    transactionId: '1', encodings: [AS_PARAMETERS], degradationPreference: 'maintain-framerate',
  });
  assert.deepEqual(screen.parameters, before);
  assert.deepEqual(events.filter(({ op }) => op === 7),
    [{ type: 'operationDone', connection: 1, op: 7 }]);
});

test('one that the browser refuses, or throws at, fails its operation', async () => {
  const { arms, events, camera, screen } = linked();
  camera.setParameters = async () => { throw new DOMException('not now', 'InvalidStateError'); };
  screen.getParameters = () => { throw new TypeError('stopped'); };
  arms.setEncoding({ connection: 1, op: 7, slot: 'camera', encoding: ENCODING });
  arms.setEncoding({ connection: 1, op: 8, slot: 'screen', encoding: ENCODING });
  arms.setEncoding({ connection: 2, op: 9, slot: 'screen', encoding: ENCODING });
  await settled();
  const told = events.filter(({ type }) => type === 'operationFailed')
    .map(({ op, error }) => [op, error.name]).sort();
  assert.deepEqual(told, [[7, 'InvalidStateError'], [8, 'TypeError'], [9, 'TypeError']]);
});

test('a browser that names no encodings yet, and knows less, takes what it can', async () => {
  const sender = oldSender();
  await setEncoding(/** @type {any} */ (sender), { ...ENCODING, active: false });
  const { maxFramerate, ...known } = AS_PARAMETERS;
  assert.deepEqual(sender.parameters, {
    transactionId: '1', encodings: [{ ...known, active: false }],
  });
  assert.equal(maxFramerate, 15);
});

test('what else a sender was told stays', async () => {
  const { camera } = linked();
  camera.parameters.encodings = [{ rid: 'a', priority: 'low' }, { rid: 'b' }];
  await setEncoding(camera, ENCODING);
  assert.deepEqual(camera.parameters.encodings,
    [{ rid: 'a', priority: 'low', ...AS_PARAMETERS }, { rid: 'b' }]);
});

test('a track is hinted once, however many send it, and an application’s hint stays', async () => {
  const hints = [];
  const track = Object.defineProperty({}, 'contentHint', {
    get: () => hints.at(-1) ?? '', set(hint) { hints.push(hint); },
  });
  for (const { camera } of [linked(), linked()]) {
    camera.track = track;
    await setEncoding(camera, ENCODING);
  }
  assert.deepEqual(hints, ['motion']);

  const { screen } = linked();
  screen.track = new FakeTrack('video');
  await setEncoding(screen, { ...ENCODING, prefers: 'detail' });
  assert.equal(screen.track.contentHint, 'detail');
  assert.equal(screen.parameters.degradationPreference, 'maintain-resolution');
  screen.track.contentHint = 'text';
  await setEncoding(screen, { ...ENCODING, prefers: 'detail' });
  assert.equal(screen.track.contentHint, 'text');
});

/** Takes what Ben answers, and is connected at once. */
class AnsweredConnection extends FakeConnection {
  async setRemoteDescription() {
    this.signalingState = 'stable';
    this.getTransceivers().forEach((each, index) => {
      Object.assign(each, { mid: String(index), currentDirection: 'sendrecv' });
    });
    this.connectionState = 'connected';
    queueMicrotask(() => this.onconnectionstatechange());
  }
}

test('a camera that goes out is sent as the core divides the uplink', async (t) => {
  const socket = new FakeSocket(joinAnswer('ben'));
  const { meeting, connections, reports } = await meet(t, {
    signaling: socket, RTCPeerConnection: AnsweredConnection, media: { video: true },
    quality: { uplinkKbps: 200 },
  });
  await meeting.join();
  await settled();
  const [, offer] = socket.sent.find(([name]) => name === 'offer');
  const answer = { ...offer, fromId: 'ben', sdp: { type: 'answer', sdp: 'v=0\r\n' } };
  socket.receive('answer', answer);
  await settled();
  const { sender } = connections[0].getTransceivers()[1];
  const [{ active, maxBitrate, maxFramerate }] = sender.parameters.encodings;
  assert.equal(active, true);
  assert.ok(maxBitrate > 0 && maxBitrate <= 200_000, String(maxBitrate));
  assert.ok(maxFramerate > 0, String(maxFramerate));
  assert.equal(sender.track.contentHint, 'motion');
  assert.equal(meeting.snapshot.budget.uplinkBps, 200_000);
  assert.equal(meeting.snapshot.budget.limited, true);
  assert.ok(Object.isFrozen(meeting.snapshot.budget));
  assert.deepEqual(reports.filter(({ level }) => level !== 'debug'), []);
  assert.match(meeting.trace(), /"prefers":"motion"/u, 'nothing private that a trace leaves out');
});

// ---- what is taken --------------------------------------------------------------------------

const CAMERA = { slot: 'camera', source: 3 };

/** Holds one open camera. */
async function withCamera(track = new FakeTrack('video'), video = {}) {
  const events = [];
  const { arms } = createMedia(/** @type {any} */ ({
    MediaStream: FakeStream,
    devices: () => ({ getUserMedia: async () => new FakeStream([track]) }),
    dispatch: (event) => events.push(event),
    changed() {},
    audio: {},
    video,
  }));
  arms.acquireMedia({ op: 3, requests: [{ slot: 'camera', deviceId: null, supplied: false }] });
  await settled();
  events.length = 0;
  return { arms, events, track };
}

const SIZE = { track: CAMERA, width: 1280, height: 720, frameRate: 30 };

test('a camera is asked for another size, and says what it gives', async () => {
  const { arms, events, track } = await withCamera();
  track.settings = { width: 960, height: 540, frameRate: 29.97 };
  arms.applyConstraints(SIZE);
  await settled();
  assert.deepEqual(track.asked,
    [{ width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } }]);
  assert.deepEqual(events, [
    { type: 'constraintsApplied', track: CAMERA, width: 960, height: 540, frameRate: 30 }]);
});

test('a camera that the application brings says what it gives unasked', async () => {
  const track = new FakeTrack('video');
  track.settings = { width: 960, height: 540, frameRate: 25 };
  const events = [];
  const media = createMedia(/** @type {any} */ ({
    MediaStream: FakeStream,
    devices: () => ({}),
    dispatch: (event) => events.push(event),
    changed() {},
    audio: {},
    video: {},
  }));
  media.supply('camera', /** @type {any} */ (track));
  media.arms.acquireMedia({
    op: 3, requests: [{ slot: 'camera', deviceId: null, supplied: true }],
  });
  assert.deepEqual(events.map(({ type }) => type), ['mediaAcquired', 'constraintsApplied']);
  assert.deepEqual(events[1], {
    type: 'constraintsApplied', track: CAMERA, width: 960, height: 540, frameRate: 25,
  });
});

test('what it doesn’t say is 0', async () => {
  const { arms, events, track } = await withCamera();
  track.settings = { width: 640, frameRate: NaN };
  arms.applyConstraints(SIZE);
  await settled();
  assert.deepEqual(events, [
    { type: 'constraintsApplied', track: CAMERA, width: 640, height: 0, frameRate: 0 }]);
});

test('one that refuses, or can’t, says so; one that is gone says nothing', async () => {
  const refusing = new FakeTrack('video');
  refusing.applyConstraints = async () => {
    throw new DOMException('no such size', 'OverconstrainedError');
  };
  const old = Object.assign(new FakeTrack('video'), { applyConstraints: undefined });
  for (const [track, name] of /** @type {const} */ ([
    [refusing, 'OverconstrainedError'], [old, 'TypeError']])) {
    const { arms, events } = await withCamera(track);
    arms.applyConstraints(SIZE);
    await settled();
    assert.deepEqual(events.map(({ type, track: id, error }) => [type, id, error.name]),
      [['constraintsFailed', CAMERA, name]]);
    events.length = 0;
    arms.releaseTrack({ track: CAMERA, stop: true });
    arms.applyConstraints(SIZE);
    await settled();
    assert.deepEqual(events, []);
  }
});

test('what the application asks of its camera goes on to count', async () => {
  const { arms, track } = await withCamera(undefined, { frameRate: 10, facingMode: 'user' });
  arms.applyConstraints(SIZE);
  assert.deepEqual(track.asked, [{
    width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: 10, facingMode: 'user',
  }]);
});

test('a camera takes what fits the room, an application’s own track what it likes', async (t) => {
  opened.length = 0;
  const capture = [
    { participants: 1, width: 800, height: 600, frameRate: 25 },
    { participants: 8, width: 320, height: 240, frameRate: 15 },
  ];
  const { meeting, reports } = await meet(t, {
    signaling: new FakeSocket(joinAnswer('ben')), media: { video: true }, quality: { capture },
  });
  await settled();
  await meeting.join();
  await settled();
  const asked = opened.flatMap((track) => track.asked);
  assert.deepEqual(asked.at(-1),
    { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 15 } });
  assert.deepEqual(reports.filter(({ level }) => level !== 'debug'), []);

  const own = new FakeTrack('video');
  const other = await meet(t, { media: new FakeStream([own]), quality: { capture } });
  await other.meeting.join();
  await settled();
  assert.deepEqual(own.asked, []);
});

test('without rows a camera stays as it was opened', async (t) => {
  opened.length = 0;
  const { meeting } = await meet(t, { media: { video: true }, quality: { capture: [] } });
  await meeting.join();
  await settled();
  assert.deepEqual(opened.map(({ asked }) => asked), [[]]);
});

test('a size that a camera refuses is told, and the camera stays on', async (t) => {
  t.mock.method(FakeTrack.prototype, 'applyConstraints', async () => {
    throw new DOMException('no such size', 'OverconstrainedError');
  });
  const { meeting, reports } = await meet(t, { media: { video: true } });
  await meeting.join();
  await settled();
  assert.deepEqual(reports.filter(({ level }) => level !== 'debug')
    .map(({ level, code, detail }) => [level, code, detail]),
  [['info', 'constraints_rejected', 'OverconstrainedError: no such size']]);
  assert.equal(meeting.snapshot.self.camera.state, 'on');
});

// ---- what the application says --------------------------------------------------------------

/** The tiles that the core was told of. */
const tiles = (meeting) => meeting.trace().trimEnd().split('\n').slice(1)
  .map((line) => JSON.parse(line).event).filter(({ type }) => type === 'tileSized')
  .map(({ participant, slot, width, height }) => `${participant} ${slot} ${width}×${height}`);

test('sizes of tiles are told in whole pixels, within what the core reads', async (t) => {
  const { meeting, reports } = await meet(t, { signaling: new FakeSocket(joinAnswer('ben')) });
  await meeting.join();
  meeting.showTile('ben', 'camera', { width: 320.4, height: 179.5 });
  meeting.showTile('ben', 'screen', { width: 0, height: 0 });
  meeting.showTile('ben', 'screen', { width: 1e6, height: Infinity });
  meeting.showTile('nobody', 'camera', { width: 1, height: 1 });
  assert.deepEqual(tiles(meeting), [
    'ben camera 320×180', 'ben screen 0×0', 'ben screen 65535×65535', 'nobody camera 1×1']);
  assert.deepEqual(reports.filter(({ level }) => level !== 'debug'), []);
});

test('what is no tile is the exception of who says so', async (t) => {
  const { meeting } = await meet(t, { signaling: new FakeSocket(joinAnswer('ben')) });
  await meeting.join();
  const size = { width: 320, height: 180 };
  const show = (...parameters) => () => /** @type {any} */ (meeting).showTile(...parameters);
  for (const kind of ['microphone', 'video', undefined, 5]) {
    assert.throws(show('ben', kind, size), isBad(/: kind is not 'camera' or 'screen'\.$/u));
  }
  for (const id of ['', 5, 'x'.repeat(65)]) {
    assert.throws(show(id, 'camera', size), isBad(/: participant is not a /u));
  }
  assert.throws(show(undefined, 'camera', size), isBad(/: participant is missing\.$/u));
  for (const width of [NaN, -1, -Infinity]) {
    assert.throws(show('ben', 'camera', { ...size, width }),
      isBad(/: width is not a whole number between 0 and 65535\.$/u));
  }
  assert.throws(show('ben', 'camera', { ...size, height: '180' }),
    isBad(/: height is not a number\.$/u));
  assert.throws(show('ben', 'camera'), isBad(/: width is missing\.$/u));
  assert.deepEqual(tiles(meeting), []);
});

const configOf = (meeting) => JSON.parse(meeting.trace().split('\n')[0]).config;

test('the option quality goes to the core', async (t) => {
  const capture = [{ participants: 4, width: 640, height: 480, frameRate: 24 }];
  const quality = { adapt: false, capture, uplinkKbps: 1500.5 };
  const { meeting } = await meet(t, { quality });
  const { adapt, uplinkBps, ...config } = configOf(meeting);
  assert.deepEqual({ adapt, uplinkBps, capture: config.capture },
    { adapt: false, uplinkBps: 1_500_500, capture });
  const plain = configOf((await meet(t)).meeting);
  for (const name of ['adapt', 'uplinkBps', 'capture']) assert.equal(plain[name], undefined);
});

test('a quality that can’t be used is told by its field', async () => {
  const row = { participants: 4, width: 640, height: 480, frameRate: 24 };
  const rows = /** @type {[any, string][]} */ ([
    ['high', 'quality is not an object'],
    [null, 'quality is not an object'],
    [{ adapt: 'yes' }, 'adapt is not true or false'],
    [{ uplinkKbps: -1 }, 'uplinkBps is not a whole number between 0 and 4294967295'],
    [{ uplinkKbps: '1500' }, 'uplinkBps is not a number'],
    [{ capture: {} }, 'capture is not a list'],
    [{ capture: Array(17).fill(row) }, 'capture has more than 16 items'],
    [{ capture: [{ ...row, participants: 0 }] },
      'capture[0].participants is not a whole number between 1 and 128'],
    [{ capture: [row, { ...row, width: undefined }] }, 'capture[1].width is missing'],
  ]);
  for (const [quality, problem] of rows) {
    await assert.rejects(makeMeeting({ quality }),
      { ...isBad(`These options can't be used: ${problem}.`) });
  }
});

// ---- the mesh -------------------------------------------------------------------------------

test('a mesh takes what the core says it does', () => {
  const table = readFileSync(new URL('../budget_test.cpp', import.meta.url), 'utf8');
  const rows = [...table.matchAll(/mesh_bandwidth\((.*?)\) == MeshBandwidth\{(.*?)\}/gu)]
    .map(([, given, told]) => [given, told].map((list) =>
      list.replaceAll('\'', '').split(',').map(Number)));
  assert.ok(rows.length >= 4, `${rows.length} rows`);
  for (const [[participants, kbps], [connections, up, down, total]] of rows) {
    assert.deepEqual(meshBandwidth(participants, kbps), { connections, up, down, total });
  }
});

test('four who send 1000 kbit/s each take 3000 up, 3000 down and 12000 in all', () => {
  assert.deepEqual(meshBandwidth(4, 1000),
    { connections: 6, up: 3000, down: 3000, total: 12_000 });
});

test('a mesh of what are no numbers is an exception', () => {
  for (const wrong of [-1, 1.5, NaN, Infinity, '4', undefined, null]) {
    assert.throws(() => meshBandwidth(/** @type {any} */ (wrong), 1000),
      (error) => error instanceof MeetingError && error.code === 'bad_request'
        && /participants is not a whole number from 0 up/u.test(error.message));
  }
  for (const wrong of [-1, NaN, Infinity, '4', undefined, null]) {
    assert.throws(() => meshBandwidth(4, /** @type {any} */ (wrong)),
      isBad(/kbps is not a number from 0 up/u));
  }
});
