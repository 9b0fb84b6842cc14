// Entering, renaming, changing and filling rooms; and who can't be reached from where.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  connect, entry, farewell, joinOurs, joinPlain, request, startServer,
} from './harness.mjs';

const OFFER = { type: 'offer', sdp: 'v=0\r\n' };

test('joining the same room again renames, and keeps what is not mentioned', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben', { isMuted: true });
  await ana.heard();
  const renamed = entry(ben, 'Benjamin', { protocol: 2, isMuted: true });

  ben.emit('join-room', { roomId: 'standup', userName: 'Benjamin' });
  assert.deepEqual(await ben.until('participants-list'), [
    ['participants-list', [entry(ana, 'Ana'), renamed]],
  ]);
  assert.deepEqual(await ana.heard(), [['user-joined', renamed]]);
});

test('joining again with nothing new is answered and told to nobody', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await ana.heard();
  const join = { roomId: 'standup', userName: 'Ben', protocol: 2 };
  const { participantId, participants, resumed } = await ben.ask('join-room', join);
  assert.deepEqual([participantId, participants, resumed],
    [ben.id, ben.answer.participants, false]);
  assert.deepEqual(await ana.heard(), []);
  assert.equal((await ana.users('standup')).length, 2);
});

test('joining another room leaves the first', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'first', 'Ana');
  const ben = await joinPlain(t, server, 'second', 'Ben');
  const cem = await joinPlain(t, server, 'first', 'Cem');
  await ana.heard();

  cem.emit('join-room', { roomId: 'second', userName: 'Cem' });
  assert.deepEqual(await ana.until('participant-left'), farewell(cem.id));
  assert.deepEqual(await ben.until('user-joined'), [['user-joined', entry(cem, 'Cem')]]);
  cem.emit('send-message', { text: 'Hi' });
  await ben.until('new-message');
  assert.deepEqual(await ana.heard(), []);
});

test('leaving a room that one has already changed for another is refused', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'first', 'Ana');
  await ana.ask('join-room', { roomId: 'second', userName: 'Ana' });
  assert.equal((await ana.ask('leave-room', { roomId: 'first' })).code, 'not_in_room');
  assert.equal((await ana.users('second')).length, 1);
});

test('a room takes twelve unless the server is told otherwise', async (t) => {
  const server = await startServer(t);
  for (let number = 1; number <= 12; number += 1) {
    await joinPlain(t, server, 'full', `Participant ${number}`);
  }
  const late = await joinOurs(t, server, 'other', 'Late');
  assert.equal((await late.ask('join-room', { roomId: 'full', userName: 'Late' })).code,
    'room_full');
});

test('a full room refuses one more, who stays where they are', async (t) => {
  const server = await startServer(t, { maxParticipants: 2 });
  const ana = await joinPlain(t, server, 'full', 'Ana');
  const ben = await joinPlain(t, server, 'full', 'Ben');
  const cem = await joinOurs(t, server, 'other', 'Cem');
  await ana.heard();

  const { ok, code } = await cem.ask('join-room', { roomId: 'full', userName: 'Cem' });
  assert.deepEqual({ ok, code }, { ok: false, code: 'room_full' });
  assert.deepEqual(await ana.heard(), []);
  assert.equal((await cem.users('other')).length, 1);

  const again = await ana.ask('join-room', { roomId: 'full', userName: 'Ana' });
  assert.equal(again.ok, true, 'who is inside may join again');
  ben.socket.disconnect();
  await ana.until('participant-left');
  assert.equal((await cem.ask('join-room', { roomId: 'full', userName: 'Cem' })).ok, true);
});

test('rooms and participants that left leave nothing behind', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinPlain(t, server, 'retro', 'Ben');
  const counts = async () => {
    const { rooms, participants } = JSON.parse((await request(server, '/health')).body);
    return { rooms, participants };
  };
  assert.deepEqual(await counts(), { rooms: 2, participants: 2 });
  await ana.ask('leave-room');
  assert.deepEqual(await counts(), { rooms: 1, participants: 1 });
  await ben.ask('leave-room');
  assert.deepEqual(await counts(), { rooms: 0, participants: 0 });
});

for (const [given, shown] of [
  ['  Ana  ', 'Ana'],
  ['A\u0000n\ta\r\n', 'Ana'],
  ['', 'Guest'],
  [' \n ', 'Guest'],
  [null, 'Guest'],
  [undefined, 'Guest'],
  ['x'.repeat(65), 'x'.repeat(64)],
  [`${'x'.repeat(63)}😀`, 'x'.repeat(63)],
  ['Zoë 😀 <b>', 'Zoë 😀 <b>'],
  ['__proto__', '__proto__'],
]) {
  const [from, to] = [JSON.stringify(given)?.slice(0, 80), shown.slice(0, 80)];
  test(`the name ${from} is shown as ${to}`, async (t) => {
    const server = await startServer(t);
    const ana = await joinOurs(t, server, 'standup', given);
    assert.deepEqual(ana.answer.participants, [entry(ana, shown, { protocol: 2 })]);
  });
}

for (const roomId of ['a', 'x'.repeat(64), 'Café ☕/#?', '__proto__', 'constructor', '/', '../..']) {
  test(`"${roomId.slice(0, 20)}" is a room like any other`, async (t) => {
    const server = await startServer(t);
    const ana = await joinPlain(t, server, roomId, 'Ana');
    const ben = await joinPlain(t, server, ` ${roomId}\n`, 'Ben');
    assert.deepEqual(await ana.heard(), [['user-joined', entry(ben, 'Ben')]]);
  });
}

test('nothing reaches another room, whatever the target is said to be', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'here', 'Ana');
  const ben = await joinPlain(t, server, 'here', 'Ben');
  const eve = await joinPlain(t, server, 'there', 'Eve');
  await ana.heard();

  const targets = {
    'somebody of another room': eve.id,
    'the own id': ana.id,
    'a room': 'there',
    'the own room': 'here',
    'a guess': 'AAAAAAAAAAAAAAAAAAAA',
    'a name of every object': 'constructor',
  };
  for (const [what, targetId] of Object.entries(targets)) {
    ana.emit('offer', { roomId: 'there', targetId, sdp: OFFER });
    const [[event, { code }]] = await ana.until('server-error');
    assert.deepEqual([event, code], ['server-error', 'unknown_target'], what);
  }
  for (const targetId of [[eve.id], ['here', 'there'], { id: eve.id }]) {
    ana.emit('offer', { roomId: 'there', targetId, sdp: OFFER });
    const [[event, { code }]] = await ana.until('server-error');
    assert.deepEqual([event, code], ['server-error', 'malformed']);
  }

  ana.emit('send-message', { roomId: 'there', message: { text: 'Hi' } });
  ana.emit('media-state-change', { socketId: eve.id, isMuted: true, isVideoOff: true });
  ana.emit('screen-share-started', { meetingId: 'there' });
  assert.deepEqual((await ben.until('screen-share-started')).map(([event]) => event),
    ['new-message', 'media-state-updated', 'screen-share-started']);
  assert.deepEqual(await eve.heard(), []);
  assert.deepEqual(await eve.users('there'), [entry(eve, 'Eve')]);
});

test('who has not joined, or has left, sends nothing', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const eve = await connect(t, server);
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await ben.ask('leave-room', {});
  await ana.heard();

  for (const [event, payload] of [
    ['offer', { roomId: 'standup', targetId: ana.id, sdp: OFFER }],
    ['answer', { roomId: 'standup', targetId: ana.id, sdp: { type: 'answer', sdp: '' } }],
    ['ice-candidate', { roomId: 'standup', targetId: ana.id, candidate: { candidate: '' } }],
    ['media-state-change', { socketId: ana.id, isMuted: true, isVideoOff: true }],
    ['screen-share-started', { meetingId: 'standup' }],
    ['screen-share-ended', { meetingId: 'standup' }],
    ['send-message', { roomId: 'standup', message: { text: 'Hi' } }],
    ['leave-room', { roomId: 'standup' }],
  ]) {
    eve.emit(event, payload);
    ben.emit(event, payload);
    const [[, { code, event: refused }]] = await ben.until('server-error');
    assert.deepEqual([code, refused], ['not_in_room', event]);
  }
  assert.deepEqual(await eve.heard(), [], 'a plain client is told of no errors');
  assert.deepEqual(await ana.heard(), []);
  assert.deepEqual(await ana.users('standup'), [entry(ana, 'Ana')]);
});
