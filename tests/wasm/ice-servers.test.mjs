// The application's function for ICE servers: when it is asked, and what becomes of its answers.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  FakeConnection, FakeSocket, installDevices, joinAnswer, makeMeeting, settled,
} from './browser.mjs';

installDevices();

const server = (credential) => ({ urls: 'turn:turn.example', username: 'ana', credential });

/** Stands still but for what the test lets pass. */
class FakeClock {
  time = 0;
  #timers = new Map();

  now() {
    return this.time;
  }

  setTimeout(callback, milliseconds) {
    const timer = Symbol('timer');
    this.#timers.set(timer, { callback, at: this.time + milliseconds });
    return timer;
  }

  clearTimeout(timer) {
    this.#timers.delete(timer);
  }

  /** Lets so much time pass, timer by timer. */
  async pass(milliseconds) {
    const end = this.time + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].sort(([, one], [, other]) => one.at - other.at);
      if (!next || next[1].at > end) break;
      const [timer, { callback, at }] = next;
      this.#timers.delete(timer);
      this.time = Math.max(this.time, at);
      callback();
      await settled();
    }
    this.time = end;
  }
}

class Configured extends FakeConnection {
  constructor(configuration) {
    super();
    this.configuration = configuration;
  }

  setConfiguration(configuration) {
    this.configuration = configuration;
  }
}

/** In a room with Ben; `answers` are what the function does, one after the other. */
async function inRoom(answers) {
  const clock = new FakeClock();
  const asked = [];
  const iceServers = () => {
    asked.push(clock.time);
    return (answers.shift() ?? (() => new Promise(() => {})))();
  };
  const made = await makeMeeting({
    clock, iceServers, signaling: new FakeSocket(joinAnswer('ben')),
    RTCPeerConnection: Configured,
  });
  await made.meeting.join();
  return { ...made, clock, asked };
}

/** The credentials of the present connection to Ben, whatever became of those before it. */
const inUse = (connections) =>
  connections.at(-1).configuration.iceServers.map(({ credential }) => credential).join();

test('a list without a life is asked for once', async () => {
  const { asked, clock, meeting } = await inRoom([() => [server('first')]]);
  await clock.pass(3_600_000);
  assert.deepEqual(asked, [0]);
  await meeting.leave();
});

test('servers with a life are asked for again, and reach the connections', async () => {
  const { asked, clock, connections, meeting } = await inRoom([
    () => ({ iceServers: [server('first')], ttlSeconds: 60 }),
    () => ({ iceServers: [server('second')], ttlSeconds: 60.4 }),
    () => [server('third')],
  ]);
  assert.equal(inUse(connections), 'first');
  await clock.pass(45_000);
  assert.deepEqual([asked, inUse(connections)], [[0, 45_000], 'second']);
  await clock.pass(45_299);
  assert.equal(asked.length, 2);
  await clock.pass(1);
  assert.equal(inUse(connections), 'third');
  await clock.pass(3_600_000);
  assert.equal(asked.length, 3);
  await meeting.leave();
});

for (const [how, answer] of Object.entries({
  throws: () => { throw new TypeError('Failed to fetch'); },
  rejects: () => Promise.reject(new TypeError('Failed to fetch')),
})) {
  test(`a function that ${how} is reported once a time, and asked again`, async () => {
    const { asked, clock, connections, meeting, reports } = await inRoom([
      () => ({ iceServers: [server('first')], ttlSeconds: 60 }), answer, answer,
      () => [server('second')],
    ]);
    const warnings = () => reports.filter(({ code }) => code === 'ice_servers_failed');
    await clock.pass(74_999);
    assert.deepEqual(asked, [0, 45_000, 55_000]);
    assert.deepEqual(warnings().map(({ level }) => level), ['warn', 'warn']);
    assert.match(warnings()[0].detail, /TypeError: Failed to fetch/u);
    assert.equal(inUse(connections), 'first');
    await clock.pass(1);
    assert.equal(inUse(connections), 'second');
    await meeting.leave();
  });
}

test('what is no list of servers is reported, and the former ones stay', async () => {
  const { asked, clock, connections, meeting, reports } = await inRoom([
    () => ({ iceServers: [server('first')], ttlSeconds: 60 }),
    () => ({ iceServers: [{ username: 'ana' }] }),
    () => ({ iceServers: [], ttlSeconds: 'soon' }),
    () => undefined,
    () => [server('second')],
  ]);
  await clock.pass(45_000 + 10_000 + 20_000);
  const refused = reports.filter(({ code }) => code === 'malformed_message');
  assert.equal(asked.length, 4);
  assert.match(refused[0].detail, /'iceServersGiven' can't be read: iceServers\[0\]\.urls/u);
  assert.match(refused[1].detail, /iceServersTtlMs is not a number/u);
  assert.equal(refused.length, 3);
  assert.equal(inUse(connections), 'first');
  await clock.pass(40_000);
  assert.equal(inUse(connections), 'second');
  await meeting.leave();
});

test('nobody is asked before joining, nor after leaving', async () => {
  const { asked, clock, meeting } = await inRoom([
    () => ({ iceServers: [server('first')], ttlSeconds: 60 }),
  ]);
  await meeting.leave();
  await clock.pass(3_600_000);
  assert.deepEqual(asked, [0]);
  const joining = meeting.join();
  assert.equal(asked.length, 2);
  await joining;
  await meeting.leave();
});
