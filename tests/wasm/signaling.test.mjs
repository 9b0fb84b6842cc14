// A socket that the application owns: the meeting listens while it needs it, and lets go.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeSocket, installDevices, joinAnswer, makeMeeting, settled } from './browser.mjs';

installDevices();

/** A socket the application itself listens to, and a meeting on it. */
async function onSocket(answer) {
  const socket = new FakeSocket(answer);
  const heard = [];
  socket.on('disconnect', (reason) => heard.push(reason));
  return { heard, ...await makeMeeting({ signaling: socket }) };
}

/** Nothing but the application's own listener is left, and its socket is as it was. */
function isLetGo(socket) {
  assert.equal(socket.listenerCount(), 1);
  assert.equal(socket.listenerCount('disconnect'), 1);
  assert.equal(socket.disconnects, 0);
}

test('nothing listens before joining', async () => {
  const { socket } = await onSocket();
  isLetGo(socket);
});

test('leaving lets go, and joining again listens once', async () => {
  const { meeting, socket } = await onSocket();
  for (let time = 0; time < 3; time += 1) {
    await meeting.join();
    assert.equal(socket.listenerCount('offer'), 1);
    assert.equal(socket.listenerCount('disconnect'), 2);
    await meeting.leave();
    isLetGo(socket);
  }
  assert.equal(socket.sent.filter(([name]) => name === 'leave-room').length, 3);
});

test('a refused join lets go', async () => {
  const { meeting, socket } = await onSocket({ ok: false, code: 'room_full', message: 'Full.' });
  await assert.rejects(meeting.join(), { name: 'MeetingError', code: 'room_full' });
  isLetGo(socket);
});

test('a room of more people than the meeting takes is left, and let go of', async () => {
  const socket = new FakeSocket(joinAnswer('ben', 'cleo'));
  const { meeting } = await makeMeeting({ signaling: socket, maxParticipants: 2 });
  await assert.rejects(meeting.join(), {
    name: 'MeetingError', code: 'room_full', message: /2 people are in it.* takes 2 at most/u,
  });
  assert.equal(socket.sent.at(-1)[0], 'leave-room');
  assert.equal(socket.listenerCount(), 0);
  await assert.rejects(makeMeeting({ maxParticipants: 129 }),
    { code: 'bad_request', message: /maxParticipants is not a whole number between 2 and 128/u });
});

test('a chat message that was refused goes out again under its id', async () => {
  const { meeting, socket } = await onSocket();
  await meeting.join();
  const told = [];
  meeting.on('chat', ({ text, fromId, earlier }) => told.push([text, fromId, earlier]));
  socket.answer = { ok: false, code: 'not_in_room', message: 'Join first.' };
  meeting.sendChat('Hi');
  const [{ id, state }] = meeting.snapshot.chat;
  assert.equal(state, 'failed');
  // Somebody else's message of the same id is another one, and is the one that is told.
  const message = { id, sender: 'Ben', time: '', text: 'Ha', fromId: 'ben', earlier: true };
  socket.receive('new-message', message);
  assert.deepEqual(told, [['Ha', 'ben', true]]);
  socket.answer = { ok: true };
  meeting.retryChat(id);
  assert.deepEqual(meeting.snapshot.chat.map((each) => [each.text, each.state]),
    [['Ha', 'sent'], ['Hi', 'sent']]);
  const sent = socket.sent.filter(([name]) => name === 'send-message');
  assert.deepEqual(sent.map(([, payload]) => payload.message.id), [id, id]);
  await meeting.leave();
});

test('a server that can’t be reached lets go', async () => {
  const { meeting, socket } = await onSocket();
  socket.connected = false;
  const joining = meeting.join();
  await settled();
  socket.receive('connect_error', new Error('refused'));
  await assert.rejects(joining, { code: 'signaling_unreachable' });
  isLetGo(socket);
});

test('leaving on the way in lets go', async () => {
  const { meeting, socket } = await onSocket();
  socket.connected = false;
  const joining = meeting.join();
  await settled();
  await meeting.leave();
  await assert.rejects(joining, { code: 'left' });
  isLetGo(socket);
  socket.receive('connect'); // too late
  assert.equal(meeting.snapshot.connection, 'left');
});

test('leaving while the server is lost lets go', async () => {
  const { meeting, socket, heard } = await onSocket();
  await meeting.join();
  socket.connected = false;
  socket.receive('disconnect', 'transport close');
  assert.equal(meeting.snapshot.connection, 'reconnecting');
  await meeting.leave();
  isLetGo(socket);
  assert.deepEqual(heard, ['transport close']);
});

test('a lost server that comes back is heard again, once', async () => {
  const { meeting, socket } = await onSocket();
  await meeting.join();
  socket.receive('disconnect', 'transport close');
  meeting.reconnect(); // now rather than after a pause
  await settled();
  assert.equal(meeting.snapshot.connection, 'joined');
  assert.equal(socket.listenerCount('offer'), 1);
  await meeting.leave();
  isLetGo(socket);
});
