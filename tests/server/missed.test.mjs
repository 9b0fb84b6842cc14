// What happens while somebody is away: kept in order, bounded, and chat told exactly once.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Away } from '../../tools/signaling/away.mjs';
import { ChatLog } from '../../tools/signaling/chat-log.mjs';
import {
  MAX_ALL_MISSED_CHARS, MAX_AWAY, MAX_CHAT_HISTORY, MAX_CHAT_HISTORY_CHARS, MAX_CHAT_LOG,
  MAX_CHAT_LOG_CHARS, MAX_MISSED, MAX_MISSED_CHARS,
} from '../../tools/signaling/limits.mjs';
import { comeBack, connect, cut, health, joinOurs, joinPlain, startServer } from './harness.mjs';

const OFFER = { type: 'offer', sdp: 'v=0\r\no=offer\r\n' };
const ANSWER = { type: 'answer', sdp: 'v=0\r\no=answer\r\n' };
const says = (client, id) => client.ask('send-message', { message: { id, text: `Text ${id}` } });
const chatIds = (events) => events.filter(([name]) => name === 'new-message')
  .map(([, { id }]) => id);

/** Ana is there, Ben is about to lose the connection. */
async function twoInARoom(t, options = {}) {
  const server = await startServer(t, options);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await ana.heard();
  return { server, ana, ben };
}

test('missed signaling comes in order, then missed chat, the room\'s state does not', async (t) => {
  const { server, ana, ben } = await twoInARoom(t);
  await cut(server, ben);
  const cem = await joinPlain(t, server, 'standup', 'Cem');
  const { id } = cem;
  const targetId = ben.id;
  const candidates = ['1', '2'].map((candidate) => ({ candidate }));

  ana.emit('offer', { targetId, sdp: OFFER, generation: 3 });
  ana.emit('ice-candidate', { targetId, candidate: candidates[0] });
  ana.emit('media-state-change', { isMuted: true, isVideoOff: false });
  ana.emit('send-message', { message: { id: 'm1', text: 'Hi', time: '10:42' } });
  ana.emit('screen-share-started');
  ana.emit('screen-share-ended');
  ana.emit('ice-candidate', { targetId, candidate: candidates[1] });
  ana.emit('ice-candidate', { targetId, candidate: null });
  ana.emit('answer', { targetId, sdp: ANSWER });
  await ana.heard();
  cem.emit('offer', { targetId, sdp: OFFER });
  cem.emit('send-message', { message: { id: 'm2', text: 'Bye', time: '10:43' } });
  await cem.heard();
  cem.socket.disconnect();
  await ana.until('participant-left');

  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  const fromId = ana.id;
  assert.deepEqual(await again.heard(), [
    ['offer', { fromId, sdp: OFFER, generation: 3 }],
    ['ice-candidate', { fromId, candidate: candidates[0] }],
    ['ice-candidate', { fromId, candidate: candidates[1] }],
    ['ice-candidate', { fromId, candidate: null }],
    ['answer', { fromId, sdp: ANSWER }],
    ['new-message', { id: 'm1', text: 'Hi', time: '10:42', sender: 'Ana', fromId }],
    ['new-message', { id: 'm2', text: 'Bye', time: '10:43', sender: 'Cem', fromId: id }],
  ], 'but nothing of connections to who is gone');
  assert.equal((await health(server)).droppedMessages, 0);

  await cut(server, again);
  const third = await comeBack(t, server, ben, 'standup', 'Ben', { lastChatId: 'm2' });
  assert.deepEqual(await third.heard(), []);
});

test('an offer replaces what its sender tried before, up to its last answer', async (t) => {
  const { server, ana, ben } = await twoInARoom(t);
  await cut(server, ben);
  const cem = await joinPlain(t, server, 'standup', 'Cem');
  const targetId = ben.id;
  const candidate = { candidate: 'c' };

  cem.emit('offer', { targetId, sdp: OFFER });
  await cem.heard();
  ana.emit('ice-candidate', { targetId, candidate, generation: 1 });
  ana.emit('answer', { targetId, sdp: ANSWER, generation: 1 });
  for (const generation of [2, 2, 3]) {
    ana.emit('offer', { targetId, sdp: OFFER, generation });
    ana.emit('ice-candidate', { targetId, candidate, generation });
  }
  await says(ana, 'm1');
  ana.emit('offer', { targetId, sdp: OFFER, generation: 4 });
  await ana.heard();

  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  const fromId = ana.id;
  assert.deepEqual((await again.heard()).map(([event, payload]) =>
    [event, payload.fromId, payload.generation]), [
    ['offer', cem.id, undefined],
    ['ice-candidate', fromId, 1],
    ['answer', fromId, 1],
    ['offer', fromId, 4],
    ['new-message', fromId, undefined],
  ]);
  assert.equal((await health(server)).droppedMessages, 0);
});

test('what is missed comes right after the answer and the list', async (t) => {
  const { server, ana, ben } = await twoInARoom(t);
  await cut(server, ben);
  await says(ana, 'm1');
  const again = await connect(t, server);
  const order = [];
  again.socket.onAny((name) => order.push(name));
  const { resumeToken: resume } = ben.answer;
  const join = { roomId: 'standup', userName: 'Ben', protocol: 2, resume };
  again.emit('join-room', join, () => order.push('acknowledgement'));
  await again.heard();
  assert.deepEqual(order, ['acknowledgement', 'participants-list', 'new-message', 'room-users']);
});

test('chat after the last known message is told once, though some was kept too', async (t) => {
  const { server, ana, ben } = await twoInARoom(t);
  await says(ana, 'm1');
  await ben.until('new-message');
  // On their way to the old socket when it broke, as far as Ben can tell.
  await says(ana, 'm2');
  await says(ana, 'm3');
  await cut(server, ben);
  await says(ana, 'm4');
  await says(ana, 'm5');
  const again = await comeBack(t, server, ben, 'standup', 'Ben', { lastChatId: 'm1' });
  assert.deepEqual(chatIds(await again.heard()), ['m2', 'm3', 'm4', 'm5']);

  const upToDate = await comeBack(t, server, ben, 'standup', 'Ben', { lastChatId: 'm5' });
  assert.deepEqual(chatIds(await upToDate.heard()), []);
});

for (const [what, extra, told] of [
  ['no last message all that was said', {}, ['m1', 'm2']],
  ['an unknown last message all that was said', { lastChatId: 'm0' }, ['m1', 'm2']],
  ['a last message that is none all that was said', { lastChatId: { id: 'm1' } }, ['m1', 'm2']],
]) {
  test(`with ${what} is told`, async (t) => {
    const { server, ana, ben } = await twoInARoom(t);
    await says(ana, 'm1');
    await cut(server, ben);
    await says(ana, 'm2');
    const again = await comeBack(t, server, ben, 'standup', 'Ben', extra);
    assert.deepEqual(chatIds(await again.heard()), told);
  });
}

test('one\'s own messages are not told to oneself', async (t) => {
  const { server, ana, ben } = await twoInARoom(t);
  await says(ana, 'm1');
  await says(ben, 'm2');
  await cut(server, ben);
  await says(ana, 'm3');
  const again = await comeBack(t, server, ben, 'standup', 'Ben', { lastChatId: 'm1' });
  assert.deepEqual(chatIds(await again.heard()), ['m3']);
});

test('what was said while one was away is news, whatever its author says of it', async (t) => {
  const { server, ana, ben } = await twoInARoom(t);
  await cut(server, ben);
  await ana.ask('send-message', { message: { id: 'm1', text: 'Hi', earlier: true } });
  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  const told = (await again.heard()).filter(([name]) => name === 'new-message');
  assert.deepEqual(told.map(([, { id, earlier }]) => [id, earlier]), [['m1', undefined]]);
});

test('a newcomer is told what was said before, after the answer and the list', async (t) => {
  const { server, ana } = await twoInARoom(t);
  await says(ana, 'm1');
  await ana.ask('send-message', {
    message: { id: 'm2', text: 'Text m2', sender: 'Ben', fromId: 'ben', time: '10:42' },
  });
  await ana.ask('leave-room', { roomId: 'standup' });
  const eve = await joinOurs(t, server, 'standup', 'Eve', { lastChatId: 'm1' });
  const told = await eve.heard();
  assert.deepEqual(told.map(([name, { id, sender, fromId, text, earlier }]) =>
    [name, id, sender, fromId, text, earlier]), [
    ['new-message', 'm1', 'Ana', ana.id, 'Text m1', true],
    ['new-message', 'm2', 'Ana', ana.id, 'Text m2', true],
  ], 'with the author as the server knows it, though that one has left');
});

test('a plain newcomer, and who comes back in time, get no history', async (t) => {
  const { server, ana, ben } = await twoInARoom(t);
  await says(ana, 'm1');
  const plain = await joinPlain(t, server, 'standup', 'Cem');
  assert.deepEqual(chatIds(await plain.heard()), []);
  await cut(server, ben);
  const again = await comeBack(t, server, ben, 'standup', 'Ben', { lastChatId: 'm1' });
  assert.deepEqual(chatIds(await again.heard()), []);
});

test('the history of a newcomer is bounded in messages and in characters', () => {
  const log = new ChatLog();
  const add = (id, text = '') => log.add({ id: `${id}`, fromId: 'ana', text });
  for (let id = 0; id < MAX_CHAT_HISTORY + 7; id += 1) add(id);
  const ids = log.latest.map(({ id }) => id);
  assert.equal(ids.length, MAX_CHAT_HISTORY);
  assert.deepEqual([ids[0], ids.at(-1)], ['7', `${MAX_CHAT_HISTORY + 6}`]);
  add('long', 'x'.repeat(MAX_CHAT_HISTORY_CHARS / 2));
  add('longer', 'x'.repeat(MAX_CHAT_HISTORY_CHARS / 2));
  assert.deepEqual(log.latest.map(({ id }) => id), ['longer']);
  add('too long', 'x'.repeat(MAX_CHAT_HISTORY_CHARS));
  assert.deepEqual(log.latest, []);
});

test('a message sent again is acknowledged and told once', async (t) => {
  const { server, ana, ben } = await twoInARoom(t);
  assert.deepEqual(await says(ana, 'm1'), { ok: true });
  assert.deepEqual(await says(ana, 'm1'), { ok: true });
  await cut(server, ana);
  const again = await comeBack(t, server, ana, 'standup', 'Ana');
  assert.deepEqual(await says(again, 'm1'), { ok: true });
  assert.deepEqual(chatIds(await ben.heard()), ['m1']);
});

test('two senders may use the same id, and a plain one its own again', async (t) => {
  const { server, ana, ben } = await twoInARoom(t);
  const cem = await joinPlain(t, server, 'standup', 'Cem');
  await says(ben, '1');
  await says(cem, '1');
  await says(cem, '1');
  assert.deepEqual(chatIds(await ana.heard()), ['1', '1', '1']);
});

test('what was said dies with the room, which lives while somebody is away', async (t) => {
  const { server, ana, ben } = await twoInARoom(t, { graceMs: 30_000 });
  await says(ana, 'm1');
  await says(ana, 'm2');
  await cut(server, ben);
  await ana.ask('leave-room', { roomId: 'standup' });
  assert.equal((await health(server)).rooms, 1);
  const again = await comeBack(t, server, ben, 'standup', 'Ben', { lastChatId: 'm1' });
  assert.deepEqual(chatIds(await again.heard()), ['m2']);

  again.socket.disconnect(); // a goodbye, but it may come back to a new room
  await server.logged('left', ben);
  assert.equal((await health(server)).rooms, 0);
  const late = await comeBack(t, server, ben, 'standup', 'Ben', { lastChatId: 'm1' });
  assert.deepEqual([late.id, await late.heard()], [ben.id, []]);
});

test('beyond what is kept the oldest is dropped, and health says how much', async (t) => {
  const { server, ana, ben } = await twoInARoom(t);
  await cut(server, ben);
  const excess = 4;
  for (let sent = 0; sent < MAX_MISSED + excess; sent += 1) {
    ana.emit('ice-candidate', { targetId: ben.id, candidate: { candidate: `${sent}` } });
  }
  await ana.heard();
  assert.equal((await health(server)).droppedMessages, excess);
  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  const heard = (await again.heard()).map(([, { candidate }]) => Number(candidate.candidate));
  assert.deepEqual(heard, Array.from({ length: MAX_MISSED }, (_, index) => index + excess));
});

test('what is kept for one member, and for all together, is bounded in characters', (t) => {
  const away = new Away({ graceMs: 60_000, onGraceOver: () => {} });
  t.after(() => away.close());
  const payload = { fromId: 'ana', sdp: 'x'.repeat(131_072) };
  const chars = JSON.stringify(payload).length;
  const perMember = Math.floor(MAX_MISSED_CHARS / chars);
  away.begin('ben');
  for (let sent = 0; sent < 2 * perMember; sent += 1) away.keep('ben', 'answer', payload);
  assert.equal(away.droppedCount, perMember);
  assert.equal(away.end('ben').length, perMember);

  const members = Math.ceil(MAX_ALL_MISSED_CHARS / (perMember * chars)) + 1;
  let kept = 0;
  for (let id = 0; id < members; id += 1) {
    away.begin(id);
    for (let sent = 0; sent < perMember; sent += 1) away.keep(id, 'answer', payload);
  }
  for (let id = 0; id < members; id += 1) kept += away.end(id).length;
  assert.equal(kept, Math.floor(MAX_ALL_MISSED_CHARS / chars));
});

test('only so many are waited for at a time', (t) => {
  const away = new Away({ graceMs: 60_000, onGraceOver: () => {} });
  t.after(() => away.close());
  for (let id = 0; id < MAX_AWAY; id += 1) assert.equal(away.begin(id), true);
  assert.equal(away.begin('one more'), false);
  away.end(0);
  assert.equal(away.begin('one more'), true);
});

test('a room remembers so many messages, of so many characters', () => {
  const log = new ChatLog();
  const add = (id, text = '') => log.add({ id: `${id}`, fromId: 'ana', text });
  for (let id = 0; id <= MAX_CHAT_LOG; id += 1) add(id);
  assert.equal(log.after('0').length, MAX_CHAT_LOG); // forgotten, and older than all of these
  assert.equal(log.after('1').length, MAX_CHAT_LOG - 1);
  add('long', 'x'.repeat(MAX_CHAT_LOG_CHARS / 2));
  add('longer', 'x'.repeat(MAX_CHAT_LOG_CHARS / 2));
  assert.deepEqual(log.after('long').map(({ id }) => id), ['longer']);
  assert.deepEqual(log.after('longer'), []);
  assert.equal(log.has('ana', 'longer'), true);
  assert.equal(log.has('ben', 'longer'), false);
});
