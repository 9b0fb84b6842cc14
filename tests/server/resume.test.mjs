// Coming back as who one was: after a lost connection, a restarted server, with a token or a fake.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MAX_SPENT, RATES } from '../../tools/signaling/limits.mjs';
import { createTokens, Spent } from '../../tools/signaling/tokens.mjs';
import {
  comeBack, connect, cut, entry, farewell, health, joinOurs, joinPlain, startServer,
} from './harness.mjs';

const SECRET = 'a secret that several servers share';
const OURS = { protocol: 2 };

test('who comes back in time is the same participant, and nobody hears of it', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben', { isMuted: true });
  const cem = await joinOurs(t, server, 'standup', 'Cem');
  await ana.heard();
  await cem.heard();

  await cut(server, ben);
  const shown = [
    entry(ana, 'Ana'), entry(ben, 'Ben', { ...OURS, isMuted: true }), entry(cem, 'Cem', OURS),
  ];
  assert.deepEqual(await ana.users('standup'), shown, 'who is away is still a member');
  assert.deepEqual((await health(server)).away, 1);

  const again = await comeBack(t, server, ben, 'standup', 'Ben', { isMuted: true });
  const { ok, participantId, resumed, participants } = again.answer;
  assert.deepEqual([ok, participantId, resumed], [true, ben.id, true]);
  assert.deepEqual(participants, shown);
  assert.notEqual(again.socket.id, ben.id);
  assert.deepEqual(await ana.heard(), []);
  assert.deepEqual(await cem.heard(), []);
  assert.deepEqual(await again.heard(), []);
  const { away, participants: count } = await health(server);
  assert.deepEqual({ away, count }, { away: 0, count: 3 });
});

test('who comes back is reached under the old id, and speaks with it', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await cut(server, ben);
  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  await ana.heard();

  const sdp = { type: 'offer', sdp: 'v=0\r\n' };
  ana.emit('offer', { targetId: ben.id, sdp });
  assert.deepEqual(await again.until('offer'), [['offer', { fromId: ana.id, sdp }]]);
  again.emit('offer', { targetId: ana.id, sdp });
  assert.deepEqual(await ana.until('offer'), [['offer', { fromId: ben.id, sdp }]]);
});

for (const [what, extra, told] of [
  ['media state', { isMuted: true, isVideoOff: true }, (socketId) => [
    ['media-state-updated', { socketId, isMuted: true, isVideoOff: true, isCameraOff: true }],
  ]],
  ['camera alone', { isVideoOff: false, isCameraOff: true }, (socketId) => [
    ['media-state-updated', { socketId, isMuted: false, isVideoOff: false, isCameraOff: true }],
  ]],
  ['screen', { isSharing: true }, (socketId) => [['screen-share-started', { socketId }]]],
  ['name', { userName: 'Benjamin' }, (socketId) => [
    ['user-joined', entry({ id: socketId }, 'Benjamin', OURS)],
  ]],
]) {
  test(`a new ${what} of who comes back is told to the others`, async (t) => {
    const server = await startServer(t);
    const ben = await joinOurs(t, server, 'standup', 'Ben');
    const ana = await joinPlain(t, server, 'standup', 'Ana');
    await cut(server, ben);
    await comeBack(t, server, ben, 'standup', 'Ben', extra);
    assert.deepEqual(await ana.heard(), told(ben.id));
  });
}

test('a screen that is shared no more ends for the others', async (t) => {
  const server = await startServer(t);
  const ben = await joinOurs(t, server, 'standup', 'Ben', { isSharing: true });
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  await cut(server, ben);
  await comeBack(t, server, ben, 'standup', 'Ben', { isSharing: false });
  assert.deepEqual(await ana.heard(), [['screen-share-ended', { socketId: ben.id }]]);
});

test('who stays away too long has left, and comes back under the same id', async (t) => {
  const server = await startServer(t, { graceMs: 50 });
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  assert.equal(ben.answer.graceMs, 50);
  await ana.heard();
  await cut(server, ben);
  assert.deepEqual(await ana.until('participant-left'), farewell(ben.id));
  assert.equal((await health(server)).away, 0);

  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  assert.deepEqual([again.answer.resumed, again.id], [true, ben.id]);
  assert.deepEqual(await ana.heard(), [['user-joined', entry(ben, 'Ben', OURS)]]);
});

for (const [how, go] of [
  ['leaves the room', (ben) => ben.emit('leave-room', { roomId: 'standup' })],
  ['closes the socket', (ben) => ben.socket.disconnect()],
]) {
  test(`who ${how} is not waited for`, async (t) => {
    const server = await startServer(t);
    const ana = await joinOurs(t, server, 'standup', 'Ana');
    const ben = await joinOurs(t, server, 'standup', 'Ben');
    await ana.heard();
    go(ben);
    assert.deepEqual(await ana.until('participant-left'), farewell(ben.id));
    assert.equal((await health(server)).away, 0);
  });
}

test('a plain client is its socket: it has no token, and leaves with it', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await connect(t, server);
  const answer = await ben.ask('join-room', { roomId: 'standup', userName: 'Ben' });
  assert.deepEqual(Object.keys(answer),
    ['ok', 'protocol', 'participantId', 'participants', 'iceServers']);
  assert.equal(answer.participantId, ben.socket.id);
  const { id } = ben;
  await ana.heard();
  ben.socket.io.engine.transport.ws.terminate();
  assert.deepEqual(await ana.until('participant-left'), farewell(id));

  const eve = await connect(t, server);
  const join = { roomId: 'standup', userName: 'Eve', resume: ana.answer.resumeToken };
  assert.equal((await eve.ask('join-room', join)).participantId, eve.socket.id);
});

test('a plain client that turns out to be ours gets an id of its own, even if full', async (t) => {
  const server = await startServer(t, { maxParticipants: 2 });
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinPlain(t, server, 'standup', 'Ben');
  const former = ben.id;
  await ana.heard();
  assert.equal((await ben.join('standup', 'Ben')).ok, true);
  assert.notEqual(ben.id, former);
  assert.deepEqual(await ana.heard(), [
    ...farewell(former), ['user-joined', entry(ben, 'Ben', OURS)],
  ]);
});

test('a token is spent once its participant has said goodbye', async (t) => {
  const server = await startServer(t, { secret: SECRET });
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await ben.ask('leave-room', { roomId: 'standup' });
  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  assert.equal(again.answer.resumed, false);
  assert.notEqual(again.id, ben.id);

  const { answer } = ana;
  await ana.join('other', 'Ana');
  const back = await comeBack(t, server, { answer }, 'standup', 'Ana');
  assert.equal(back.answer.resumed, false, 'another room is a goodbye too');

  const next = await startServer(t, { secret: SECRET });
  const forgotten = await comeBack(t, next, ben, 'standup', 'Ben');
  assert.deepEqual([forgotten.answer.resumed, forgotten.id], [true, ben.id]);
});

test('what is remembered of those who left is bounded', () => {
  const spent = new Spent();
  for (let id = 0; id <= MAX_SPENT; id += 1) spent.add(id);
  assert.deepEqual([0, 1, MAX_SPENT].map((id) => spent.has(id)), [false, true, true]);
});

test('away members take their place in a full room, and find it again', async (t) => {
  const server = await startServer(t, { maxParticipants: 2 });
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await cut(server, ben);
  const eve = await connect(t, server);
  assert.equal((await eve.join('standup', 'Eve')).code, 'room_full');
  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  assert.deepEqual([again.answer.ok, again.id], [true, ben.id]);

  await ana.ask('leave-room', { roomId: 'standup' });
  assert.equal((await eve.join('standup', 'Eve')).ok, true);
  const late = await connect(t, server);
  const { resumeToken: resume } = ana.answer;
  assert.equal((await late.join('standup', 'Ana', { resume })).code, 'room_full');
});

test('a meeting may last longer than its tokens', async (t) => {
  let now = Date.now();
  const server = await startServer(t, { maxParticipants: 2, now: () => now });
  await joinOurs(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  now += 25 * 3600 * 1000;
  await cut(server, ben);
  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  assert.deepEqual([again.answer.ok, again.answer.resumed, again.id], [true, true, ben.id]);
});

test('a newcomer to a restarted server takes nobody’s place', async (t) => {
  const options = { maxParticipants: 2, secret: SECRET };
  const former = await startServer(t, options);
  const ana = await joinOurs(t, former, 'standup', 'Ana');
  const ben = await joinOurs(t, former, 'standup', 'Ben');
  let now = Date.now();
  const server = await startServer(t, { ...options, now: () => now });
  assert.equal((await comeBack(t, server, ana, 'standup', 'Ana')).answer.ok, true);
  await joinOurs(t, server, 'standup', 'Eve');
  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  assert.deepEqual([again.answer.ok, again.answer.resumed, again.id], [true, true, ben.id]);

  await cut(server, again);
  now += 31_000;
  const late = await comeBack(t, server, { answer: ben.answer }, 'standup', 'Ben');
  assert.equal(late.answer.ok, true, 'whose place is kept comes back at any time');
});

/** A token that differs from a good one in one respect. */
const signed = (fields) => createTokens({ secret: SECRET, now: Date.now, ...fields });
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const flip = (char) => (char === 'A' ? 'B' : 'A');

for (const [what, forge] of [
  ['of another room', (id) => signed().issue(id, 'other')],
  ['of another server', (id) => signed({ secret: `${SECRET}!` }).issue(id, 'standup')],
  ['that has expired, of another room',
    (id) => signed({ now: () => Date.now() - 86_401_000 }).issue(id, 'other')],
  ['that has expired, of somebody who is not here',
    () => signed({ now: () => Date.now() - 86_401_000 }).issue('nobody', 'standup')],
  ['with another signature', (id, token) => token.replace(/\.(.)([^.]*)$/,
    (all, char, rest) => `.${flip(char)}${rest}`)],
  ['with another participant', (id, token) => {
    const [head, , signature] = token.split('.');
    const exp = Math.floor(Date.now() / 1000) + 3600;
    return [head, part({ sub: id, room: 'standup', exp, x: 1 }), signature].join('.');
  }],
  ['without a signature', (id) => {
    const exp = Math.floor(Date.now() / 1000) + 3600;
    return `${part({ alg: 'none' })}.${part({ sub: id, room: 'standup', exp })}.`;
  }],
  ['that is the id', (id) => id],
  ['that is empty', () => ''],
  ['that is dots', () => '..'],
  ['that is endless', (id, token) => token + 'A'.repeat(10_000)],
  ['that is no text', () => ({ toString: 'x' })],
  ['that is null', () => null],
]) {
  test(`a token ${what} is a fresh join`, async (t) => {
    const server = await startServer(t, { secret: SECRET });
    const ana = await joinOurs(t, server, 'standup', 'Ana');
    const ben = await joinOurs(t, server, 'standup', 'Ben');
    await cut(server, ben);
    await ana.heard();
    const resume = await forge(ben.id, ben.answer.resumeToken);
    const eve = await joinOurs(t, server, 'standup', 'Eve', { resume });
    assert.deepEqual([eve.answer.ok, eve.answer.resumed], [true, false]);
    assert.notEqual(eve.id, ben.id);
    assert.deepEqual(await ana.heard(), [['user-joined', entry(eve, 'Eve', OURS)]]);
    const again = await comeBack(t, server, ben, 'standup', 'Ben');
    assert.equal(again.id, ben.id);
  });
}

test('a flood of made-up tokens leaves no more than one participant', async (t) => {
  const server = await startServer(t);
  const eve = await connect(t, server);
  const answers = await Promise.all(Array.from({ length: RATES.join.points }, (_, index) =>
    eve.ask('join-room', {
      roomId: `room ${index}`, userName: 'Eve', protocol: 2, resume: `made.up.${index}`,
    })));
  assert.ok(answers.every(({ ok, resumed }) => ok && !resumed));
  assert.equal(new Set(answers.map(({ participantId }) => participantId)).size, answers.length);
  const { rooms, participants, away } = await health(server);
  assert.deepEqual({ rooms, participants, away }, { rooms: 1, participants: 1, away: 0 });
});

test('many who join at once all get a place of their own', async (t) => {
  const server = await startServer(t);
  const clients = await Promise.all(Array.from({ length: 12 }, () => connect(t, server)));
  await Promise.all(clients.map((client, index) => client.join('standup', `Guest ${index}`)));
  const ids = clients.map(({ id }) => id);
  assert.equal(new Set(ids).size, 12);
  const listed = (await clients[0].users('standup')).map(({ socketId }) => socketId);
  assert.deepEqual(listed.sort(), ids.sort());
});
