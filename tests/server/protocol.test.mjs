// The table of dvMeet's messages, row by row, as clients that know nothing else write them; and
// what clients of ours see beside it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, entry, farewell, joinOurs, joinPlain, startServer } from './harness.mjs';

const OFFER = { type: 'offer', sdp: 'v=0\r\no=offer\r\n' };
const ANSWER = { type: 'answer', sdp: 'v=0\r\no=answer\r\n' };
const CANDIDATE = {
  candidate: 'candidate:1 1 UDP 2122252543 192.0.2.1 50000 typ host',
  sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'ab12',
};

test('a joining client is listed to itself and announced to the others', async (t) => {
  const server = await startServer(t);
  const ana = await connect(t, server);
  ana.emit('join-room', { roomId: 'standup', userName: 'Ana', socketId: ana.id });
  assert.deepEqual(await ana.until('participants-list'), [
    ['participants-list', [entry(ana, 'Ana')]],
  ]);

  const ben = await connect(t, server);
  ben.emit('join-room', { roomId: 'standup', userName: 'Ben', socketId: 'a lie', avatar: 'x.png' });
  assert.deepEqual(await ben.until('participants-list'), [
    ['participants-list', [entry(ana, 'Ana'), entry(ben, 'Ben')]],
  ]);
  assert.deepEqual(await ana.heard(), [['user-joined', entry(ben, 'Ben')]]);
});

test('get-users lists the own room, and nobody to whoever is not in it', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  assert.deepEqual(await ana.users('standup'), [entry(ana, 'Ana')]);

  const eve = await connect(t, server);
  assert.deepEqual(await eve.users('standup'), []);
  eve.emit('join-room', { roomId: 'other', userName: 'Eve' });
  assert.deepEqual(await eve.users('standup'), []);
  assert.deepEqual(await eve.users('other'), [entry(eve, 'Eve')]);
});

test('offers, answers and candidates reach their target alone, with their sender', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinPlain(t, server, 'standup', 'Ben');
  const cem = await joinPlain(t, server, 'standup', 'Cem');
  await ana.heard();
  await ben.heard();

  ana.emit('offer', { roomId: 'standup', targetId: ben.id, sdp: OFFER, fromId: cem.id });
  ana.emit('ice-candidate', { roomId: 'standup', targetId: ben.id, candidate: CANDIDATE });
  assert.deepEqual(await ben.until('ice-candidate'), [
    ['offer', { fromId: ana.id, sdp: OFFER }],
    ['ice-candidate', { fromId: ana.id, candidate: CANDIDATE }],
  ]);

  ben.emit('answer', { roomId: 'standup', targetId: ana.id, sdp: ANSWER });
  assert.deepEqual(await ana.until('answer'), [['answer', { fromId: ben.id, sdp: ANSWER }]]);
  assert.deepEqual(await cem.heard(), []);
});

test('a change of media state is told to the others and shown to who comes later', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinPlain(t, server, 'standup', 'Ben');
  await ana.heard();

  const change = { isMuted: true, isVideoOff: true };
  ben.emit('media-state-change', { socketId: ana.id, ...change, timestamp: 7 });
  assert.deepEqual(await ana.until('media-state-updated'), [
    ['media-state-updated', { socketId: ben.id, ...change, isCameraOff: true }],
  ]);
  assert.deepEqual(await ben.heard(), []);
  const seen = entry(ben, 'Ben', { ...change, isCameraOff: true });
  assert.deepEqual(await ana.users('standup'), [entry(ana, 'Ana'), seen]);
});

test('screen sharing is told to the others and shown to who comes later', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinPlain(t, server, 'standup', 'Ben');
  await ana.heard();

  ben.emit('screen-share-started', { meetingId: 'standup', userName: 'Ben', timestamp: 7 });
  assert.deepEqual(await ana.until('screen-share-started'), [
    ['screen-share-started', { socketId: ben.id }],
  ]);
  const cem = await joinOurs(t, server, 'standup', 'Cem');
  assert.deepEqual(cem.answer.participants, [
    entry(ana, 'Ana'), entry(ben, 'Ben', { isSharing: true }), entry(cem, 'Cem', { protocol: 2 }),
  ]);

  ben.emit('screen-share-ended', { meetingId: 'a lie' });
  assert.deepEqual((await ana.until('screen-share-ended')).slice(1), [
    ['screen-share-ended', { socketId: ben.id }],
  ]);
  assert.deepEqual((await ana.users('standup'))[1], entry(ben, 'Ben'));
});

test('a chat message comes wrapped or bare, and its sender is who sent it', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinPlain(t, server, 'standup', 'Ben');
  await ana.heard();
  const message = { id: 'm1', sender: 'the boss', time: '10:42', text: 'Hi', timestamp: 17 };
  const told = { ...message, sender: 'Ben', fromId: ben.id };

  ben.emit('send-message', { roomId: 'standup', message });
  assert.deepEqual(await ana.until('new-message'), [['new-message', told]]);
  ben.emit('send-message', { ...message, id: 2, fromId: ana.id });
  assert.deepEqual(await ana.until('new-message'), [['new-message', { ...told, id: '2' }]]);
  assert.deepEqual(await ben.heard(), []);
});

test('a chat message without id and time gets them from the server', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinPlain(t, server, 'standup', 'Ben');
  ben.emit('send-message', { text: 'Hi' });
  const [, [, { id, time, ...told }]] = await ana.until('new-message');
  assert.deepEqual(told, { text: 'Hi', sender: 'Ben', fromId: ben.id });
  assert.match(id, /^[\w-]{36}$/);
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, time);
});

test('who disconnects is told to have left, once, under both names', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinPlain(t, server, 'standup', 'Ben');
  const { id } = ben;
  await ana.heard();

  ben.socket.disconnect();
  assert.deepEqual(await ana.until('participant-left'), farewell(id));
  assert.deepEqual(await ana.heard(), []);
  assert.deepEqual(await ana.users('standup'), [entry(ana, 'Ana')]);
});

test('who loses the connection without a word is told to have left', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinPlain(t, server, 'standup', 'Ben');
  const { id } = ben;
  await ana.heard();
  ben.socket.io.engine.transport.ws.terminate();
  assert.deepEqual(await ana.until('participant-left'), farewell(id));
});

test('who leaves the room is told to have left, and may come back', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await ana.heard();

  assert.deepEqual(await ben.ask('leave-room', { roomId: 'standup' }), { ok: true });
  const former = ben.id;
  assert.deepEqual(await ana.until('participant-left'), farewell(former));
  await ben.join('standup', 'Ben');
  assert.notEqual(ben.id, former);
  assert.deepEqual(await ana.until('user-joined'), [
    ['user-joined', entry(ben, 'Ben', { protocol: 2 })],
  ]);
  ben.socket.disconnect();
  assert.deepEqual(await ana.until('participant-left'), farewell(ben.id));
});

test('a join is acknowledged before the list is sent', async (t) => {
  const server = await startServer(t, { iceServers: ['stun:stun.example:3478'] });
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await connect(t, server);
  const order = [];
  ben.socket.onAny((event) => order.push(event));

  const answer = await new Promise((resolve) => {
    const join = { roomId: 'standup', userName: 'Ben', protocol: 2, isMuted: true };
    ben.emit('join-room', join, (it) => {
      order.push('acknowledgement');
      resolve(it);
    });
  });
  const { participantId, resumeToken, settlesInMs } = answer;
  const participants = [
    entry(ana, 'Ana'), entry({ id: participantId }, 'Ben', { protocol: 2, isMuted: true }),
  ];
  assert.deepEqual(answer, {
    ok: true, protocol: 2, participantId, participants,
    iceServers: [{ urls: ['stun:stun.example:3478'] }],
    resumeToken, resumed: false, graceMs: 30_000, heartbeatMs: 1000, settlesInMs,
  });
  assert.match(participantId, /^[\w-]{22}$/);
  assert.notEqual(participantId, ben.socket.id);
  assert.deepEqual(await ben.until('participants-list'), [['participants-list', participants]]);
  assert.deepEqual(order, ['acknowledgement', 'participants-list']);
});

test('a client that announces a later protocol is answered in ours', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana', { protocol: 3 });
  assert.equal(ana.answer.protocol, 2);
  assert.deepEqual(ana.answer.participants, [entry(ana, 'Ana', { protocol: 2 })]);
});

test('generations pass through if they are 32-bit numbers and vanish otherwise', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  const targetId = ben.id;

  ana.emit('offer', { targetId, sdp: OFFER, generation: 0, peerGeneration: 4294967295 });
  ana.emit('answer', { targetId, sdp: ANSWER, generation: 4294967296, peerGeneration: 'x' });
  ana.emit('ice-candidate', { targetId, candidate: CANDIDATE, generation: 1.5, peerGeneration: 3 });
  assert.deepEqual(await ben.until('ice-candidate'), [
    ['offer', { fromId: ana.id, sdp: OFFER, generation: 0, peerGeneration: 4294967295 }],
    ['answer', { fromId: ana.id, sdp: ANSWER }],
    ['ice-candidate', { fromId: ana.id, candidate: CANDIDATE, peerGeneration: 3 }],
  ]);
});

test('the end of candidates is told to clients of ours and kept from plain ones', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  const cem = await joinPlain(t, server, 'standup', 'Cem');
  await ben.heard();

  for (const { id: targetId } of [ben, cem]) {
    ana.emit('ice-candidate', { targetId, candidate: null, generation: 1 });
    ana.emit('offer', { targetId, sdp: OFFER });
  }
  assert.deepEqual(await ben.until('offer'), [
    ['ice-candidate', { fromId: ana.id, candidate: null, generation: 1 }],
    ['offer', { fromId: ana.id, sdp: OFFER }],
  ]);
  assert.deepEqual(await cem.until('offer'), [['offer', { fromId: ana.id, sdp: OFFER }]]);
});

test('the camera alone can be off while something is visible', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await joinPlain(t, server, 'standup', 'Ben');
  ana.emit('media-state-change', { isMuted: false, isVideoOff: false, isCameraOff: true });
  assert.deepEqual(await ben.until('media-state-updated'), [['media-state-updated', {
    socketId: ana.id, isMuted: false, isVideoOff: false, isCameraOff: true,
  }]]);
  assert.deepEqual((await ben.users('standup'))[0],
    entry(ana, 'Ana', { protocol: 2, isCameraOff: true }));
});

test('a chat message is acknowledged', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const message = { id: 'm1', sender: 'Ana', time: '10:42', text: 'Hi' };
  assert.deepEqual(await ana.ask('send-message', { roomId: 'standup', message }), { ok: true });
  const { ok, code } = await ana.ask('send-message', { message: { ...message, text: '' } });
  assert.deepEqual({ ok, code }, { ok: false, code: 'malformed' });
});

test('plain clients and clients of ours talk by polling as by WebSocket', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await connect(t, server, { transports: ['polling'] });
  ben.emit('join-room', { roomId: 'standup', userName: 'Ben' });
  await ben.until('participants-list');
  await ana.heard();
  ana.emit('offer', { targetId: ben.id, sdp: OFFER });
  assert.deepEqual(await ben.until('offer'), [['offer', { fromId: ana.id, sdp: OFFER }]]);
  ben.emit('answer', { targetId: ana.id, sdp: ANSWER });
  assert.deepEqual(await ana.until('answer'), [['answer', { fromId: ben.id, sdp: ANSWER }]]);
});
