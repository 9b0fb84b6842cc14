// The core breaks: everything is released, once, and whoever waits is told.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createMeeting, Meeting } from '../../wasm/index.js';
import { loadCore } from '../../wasm/load.js';
import {
  FakeConnection, FakeSocket, installDevices, joinAnswer, makeMeeting, settled,
} from './browser.mjs';

const { tracks } = installDevices();

/** A meeting in a room with Ben, whose core traps once `fault` names the method. */
async function breakable(options = {}) {
  const core = await loadCore();
  const fault = { at: '', calls: 0 };
  const guard = (name) => (...parameters) => {
    if (fault.at !== name) return core[name](...parameters);
    fault.calls += 1;
    throw new WebAssembly.RuntimeError('unreachable');
  };
  const faulty = { ...core, dispatch: guard('dispatch'), snapshot: guard('snapshot') };
  const made = await makeMeeting({
    media: { audio: true, video: true }, signaling: new FakeSocket(joinAnswer('ben')), ...options,
  }, async (all) => new Meeting(/** @type {any} */ (faulty), {}, all));
  const errors = [];
  const changes = [];
  made.meeting.on('error', (error) => errors.push(error));
  made.meeting.on('change', (snapshot) => changes.push(snapshot));
  return { ...made, fault, errors, changes };
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** All is released, and none of it twice. */
function isReleased({ meeting, connections, socket }, own = tracks) {
  assert.deepEqual(connections.map(({ closes }) => closes), connections.map(() => 1));
  assert.deepEqual(own.map(({ stops }) => stops), own.map(() => 1));
  assert.equal(socket.listenerCount(), 0);
  assert.equal(socket.disconnects, 0);
  assert.equal(meeting.snapshot.connection, 'left');
  assert.deepEqual(meeting.snapshot.participants, []);
  assert.equal(Object.isFrozen(meeting.snapshot), true);
}

test('a trap releases everything once, and says so once', async () => {
  tracks.length = 0;
  const before = timers();
  const made = await breakable();
  const { meeting, fault, errors, changes, socket } = made;
  await meeting.join();
  await settled();
  assert.equal(made.connections.length, 1);
  assert.equal(tracks.length, 2);
  assert.equal(timers(), before + 1);
  changes.length = 0;

  fault.at = 'dispatch';
  socket.receive('user-joined', { socketId: 'cleo', userName: 'Cleo' });
  isReleased(made);
  assert.deepEqual(errors.map(({ name, code, cause }) => [name, code, cause.message]),
    [['MeetingError', 'core_crashed', 'unreachable']]);
  assert.deepEqual(changes.map(({ connection }) => connection), ['left']);
  assert.equal(timers(), before);

  // Whatever is asked of it now does nothing, or says what it can't do.
  fault.at = '';
  await assert.rejects(meeting.join(), { code: 'core_crashed' });
  meeting.setCamera(true);
  meeting.setScreen(true);
  meeting.sendChat('Is anybody there?');
  meeting.reconnect();
  meeting.rename('Anna');
  assert.equal(meeting.stats('ben'), null);
  meeting.watchStats(true);
  await assert.rejects(meeting.statsReport('ben'), { code: 'unknown_participant' });
  assert.match(meeting.trace(), /"trace":"dvmeet-core"/u);
  assert.equal(meeting.streamOf('ben'), null);
  await meeting.leave();
  await meeting.leave();
  await settled();
  isReleased(made);
  assert.equal(fault.calls, 1);
  assert.equal(errors.length, 1);
});

test('a trap on the way in rejects the join', async () => {
  tracks.length = 0;
  const made = await breakable();
  await settled();
  made.fault.at = 'dispatch';
  await assert.rejects(made.meeting.join(), { name: 'MeetingError', code: 'core_crashed' });
  await settled();
  isReleased(made);
});

/** What is thrown later, where nobody catches it. */
function collectThrown(t) {
  const thrown = [];
  const later = globalThis.queueMicrotask;
  t.mock.method(globalThis, 'queueMicrotask', (step) => later(() => {
    try {
      step();
    } catch ({ message }) {
      thrown.push(message);
    }
  }));
  return thrown;
}

test('parts that can’t be closed keep nothing else from being released and told', async (t) => {
  tracks.length = 0;
  const thrown = collectThrown(t);
  const fail = (name) => { throw new Error(name); };
  const signaling = {
    state: 'open',
    send(name, payload, answered) { answered?.(joinAnswer('ben', 'cleo')); },
    on: () => () => fail('unsubscribe'),
    close: () => fail('signaling'),
  };
  const made = await breakable({
    signaling,
    clock: {
      now: () => 0, setTimeout: () => 1, clearTimeout: () => made?.fault.at && fail('timer'),
    },
    RTCPeerConnection: class extends FakeConnection {
      createDataChannel() {
        return { send() {}, close: () => fail('channel') };
      }

      close() {
        super.close();
        fail('connection');
      }
    },
  });
  await made.meeting.join();
  await settled();
  assert.equal(made.connections.length, 2);
  const { stop } = tracks[0];
  tracks[0].stop = () => {
    stop.call(tracks[0]);
    fail('track');
  };
  made.fault.at = 'dispatch';
  made.meeting.reconnect();
  assert.deepEqual(made.errors.map(({ code }) => code), ['core_crashed']);
  assert.deepEqual(made.connections.map(({ closes }) => closes), [1, 1]);
  assert.deepEqual(tracks.map(({ stops }) => stops), [1, 1]);
  await settled();
  assert.deepEqual(thrown, ['track', 'channel', 'connection', 'channel', 'connection',
    'unsubscribe', 'unsubscribe', 'signaling', 'timer']);
});

test('a trap on the way in rejects the join, whatever its signaling does', async (t) => {
  const thrown = collectThrown(t);
  const made = await breakable({
    signaling: {
      state: 'closed', send() {}, on: () => () => {}, close() { throw new Error('signaling'); },
    },
  });
  await settled();
  const joining = made.meeting.join();
  made.fault.at = 'dispatch';
  made.meeting.reconnect();
  await assert.rejects(joining, { name: 'MeetingError', code: 'core_crashed' });
  assert.equal(made.errors.length, 1);
  await settled();
  assert.deepEqual(thrown, ['signaling']);
});

test('a clock that fails once doesn’t silence the meeting', async () => {
  const clock = { fails: false, setTimeout: () => 1, clearTimeout() {} };
  clock.now = () => {
    if (clock.fails) throw new Error('no time');
    return 0;
  };
  const { meeting } = await makeMeeting({ clock });
  clock.fails = true;
  assert.throws(() => meeting.setMicrophone(true), { message: 'no time' });
  clock.fails = false;
  await meeting.join();
  assert.equal(meeting.snapshot.connection, 'joined');
  await meeting.leave();
});

test('a trap while a device opens lets go of it when it comes', async () => {
  tracks.length = 0;
  const made = await breakable();
  made.fault.at = 'dispatch';
  made.meeting.setMicrophone(false);
  assert.equal(tracks.length, 2);
  await settled();
  isReleased(made);
});

test('a trap on being asked for the snapshot, amid actions, is one as well', async () => {
  tracks.length = 0;
  const made = await breakable();
  await settled();
  await made.meeting.join();
  await settled();
  made.meeting.rename('Anna');
  made.fault.at = 'snapshot';
  made.meeting.setCamera(false); // its track is released, then one asks whose it was
  isReleased(made);
  assert.equal(made.errors.length, 1);
  await settled();
  assert.equal(made.fault.calls, 1);
});

test('a new meeting works', async () => {
  const broken = await breakable();
  broken.fault.at = 'dispatch';
  broken.meeting.reconnect();
  tracks.length = 0;
  const made = await makeMeeting({ media: { audio: true } }, createMeeting);
  await made.meeting.join();
  assert.equal(made.meeting.snapshot.connection, 'joined');
  await settled();
  await made.meeting.leave();
  isReleased(made);
});
