// Events that the core can't read: who asks is told by an exception, what happens never throws.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  FakeConnection, FakeSocket, installDevices, joinAnswer, makeMeeting, settled,
} from './browser.mjs';

installDevices();

const LONG = 'x'.repeat(200_000);

/** In a room with Ben. */
async function withBen(RTCPeerConnection) {
  const made = await makeMeeting({
    RTCPeerConnection, signaling: new FakeSocket(joinAnswer('ben')),
  });
  await made.meeting.join();
  await settled();
  return made;
}

const unread = (reports) => reports.filter(({ code }) => code === 'malformed_message')
  .map(({ level, detail }) => `${level}: ${detail}`);

test('what an application asks for and can’t be read is its exception', async () => {
  const { meeting, reports } = await makeMeeting();
  const isBad = { name: 'MeetingError', code: 'bad_request' };
  await assert.rejects(meeting.join({ room: '' }), isBad);
  assert.equal(meeting.snapshot.connection, 'idle');
  await meeting.join();
  assert.throws(() => meeting.sendChat(''), { ...isBad, message: /^This can't be done: text / });
  assert.throws(() => meeting.rename(/** @type {any} */ (5)), isBad);
  assert.throws(() => meeting.setCamera('x'.repeat(300)), isBad);
  assert.deepEqual(meeting.snapshot.chat, []);
  assert.deepEqual(unread(reports), []);
  await meeting.leave();
});

test('another room is joined once this one is left', async () => {
  const { meeting } = await makeMeeting();
  const isElsewhere = { name: 'MeetingError', code: 'bad_request', message: /leave it first/u };
  const joining = meeting.join({ room: 'retro' });
  await assert.rejects(meeting.join({ room: 'standup' }), isElsewhere);
  await joining;
  await assert.rejects(meeting.join({ room: 'standup' }), isElsewhere);
  await meeting.join({ room: 'retro' });
  await meeting.join();
  assert.equal(meeting.snapshot.room, 'retro');
  await meeting.leave();
  await meeting.join();
  assert.equal(meeting.snapshot.room, 'standup');
  meeting.setCamera(true);
  await settled();
  // While something else is being done, too.
  const stop = meeting.on('track', () => {
    stop();
    meeting.leave();
    meeting.join({ room: 'retro' });
  });
  meeting.setCamera(false);
  await settled();
  assert.equal(meeting.snapshot.room, 'retro');
  await meeting.leave();
});

test('what to join is an object', async () => {
  const { meeting } = await makeMeeting();
  for (const wrong of /** @type {any[]} */ ([null, 'retro'])) {
    await assert.rejects(meeting.join(wrong), { name: 'MeetingError', code: 'bad_request' });
  }
});

test('asking while something else is being done ends too', async () => {
  const { meeting, reports } = await makeMeeting();
  meeting.setCamera(true);
  await settled();
  const asked = [];
  const stop = meeting.on('track', () => {
    stop();
    asked.push(meeting.join({ room: '' }));
    meeting.sendChat('');
  });
  meeting.setCamera(false);
  await assert.rejects(asked[0], { code: 'bad_request' });
  assert.deepEqual(unread(reports).map((text) => text.slice(0, 40)),
    ["warn: 'chatSubmitted' can't be read: tex"]);
  await meeting.join();
  await meeting.leave();
});

test('a completion that can’t be read fails its operation, and with it the pair', async () => {
  const { meeting, reports } = await withBen(class extends FakeConnection {
    async setLocalDescription() {
      this.localDescription = { toJSON: () => ({ type: 'offer', sdp: LONG }) };
    }
  });
  assert.match(unread(reports).join('\n'),
    /^warn: 'localDescriptionSet' can't be read: description\.sdp is not [^\n]+$/u);
  const [, ben] = meeting.snapshot.participants;
  assert.equal(ben.connection, 'failed');
  assert.equal(ben.error.code, 'negotiation_failed');
  assert.match(ben.error.detail, /DataError: 'localDescriptionSet' can't be read/u);
  await meeting.leave();
});

test('so does one that can’t even be told', async () => {
  const { meeting, reports } = await withBen(class extends FakeConnection {
    async setLocalDescription() {
      this.localDescription = { toJSON() { throw new TypeError('no description'); } };
    }
  });
  const [, ben] = meeting.snapshot.participants;
  assert.equal(ben.connection, 'failed');
  assert.match(ben.error.detail, /TypeError: no description/u);
  assert.deepEqual(unread(reports), []);
  await meeting.leave();
});

test('a callback that can’t be read, while another event is handled, is reported', async () => {
  const { meeting, reports, connections } = await withBen(class extends FakeConnection {
    addTransceiver(kind) {
      // Synchronously, and so below the action that called this.
      this.onicecandidate({ candidate: { toJSON: () => ({ candidate: LONG }) } });
      return super.addTransceiver(kind);
    }
  });
  const [first, ...others] = unread(reports);
  assert.match(first, /^warn: 'candidateGathered' can't be read: candidate\.candidate is not /u);
  assert.equal(others.length, 2);
  assert.equal(connections[0].getTransceivers().length, 3);
  assert.equal(connections[0].signalingState, 'have-local-offer');
  await meeting.leave();
});

test('an error names what the browser threw as its cause', async () => {
  const [refused, broken] = [new DOMException('no', 'NotAllowedError'), new TypeError('no wire')];
  const { meeting } = await makeMeeting({
    signaling: new FakeSocket(joinAnswer('ben')),
    mediaDevices: { getUserMedia: async () => { throw refused; } },
    RTCPeerConnection: class extends FakeConnection {
      async setLocalDescription() { throw broken; }

      async getStats() { throw broken; }
    },
  });
  const errors = [];
  meeting.on('error', ({ code, cause }) => errors.push([code, cause]));
  meeting.setCamera(true);
  await settled();
  await meeting.join();
  await settled();
  assert.deepEqual(errors, [['media_refused', refused], ['negotiation_failed', broken]]);
  await assert.rejects(meeting.statsReport('ben'), {
    name: 'MeetingError', code: 'connection_failed', participantId: 'ben', cause: broken,
  });
  await meeting.leave();
});
