// One participant on two sockets, one server after another: the latest counts.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  comeBack, connect, cut, entry, farewell, health, joinOurs, joinPlain, startServer,
} from './harness.mjs';

const SECRET = 'a secret that several servers share';
const OURS = { protocol: 2 };
const DISPLACED = ['server-error', {
  code: 'displaced', message: 'You are in this meeting on another connection.', event: 'join-room',
}];

test('who comes back while the old socket looks alive takes its place', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await ana.heard();

  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  assert.deepEqual([again.answer.resumed, again.id], [true, ben.id]);
  assert.deepEqual(await ben.until('disconnect'), [
    DISPLACED, ['disconnect', 'io server disconnect'],
  ]);
  assert.deepEqual(await ana.heard(), []);
  again.emit('send-message', { text: 'Hi' });
  const [[event, { fromId }]] = await ana.until('new-message');
  assert.deepEqual([event, fromId], ['new-message', ben.id]);
  const { participants, away } = await health(server);
  assert.deepEqual({ participants, away }, { participants: 2, away: 0 });
});

test('a join that its page has given up, and that comes late, displaces nobody', async (t) => {
  const server = await startServer(t);
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  const { resumeToken: resume } = ben.answer;
  await cut(server, ben);
  const stalled = await connect(t, server, { protocol: 2 });
  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  const { ok, code } = await stalled.join('standup', 'Ben', { protocol: 2, resume });
  assert.deepEqual([ok, code], [false, 'stale']);
  assert.deepEqual(await again.heard(), []);
  const { participants, away } = await health(server);
  assert.deepEqual({ participants, away }, { participants: 1, away: 0 });
});

test('what a displaced socket still sends, and its goodbye, count no more', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  const { ws } = ben.socket.io.engine.transport;
  t.after(() => ws.terminate());
  ws._socket.pause(); // never learns that it is out
  const again = await comeBack(t, server, ben, 'standup', 'Ben');
  await ana.heard();

  ben.emit('send-message', { text: 'late' });
  ben.emit('leave-room', { roomId: 'standup' });
  ben.socket.disconnect();
  await ana.users('standup');
  again.emit('send-message', { text: 'Hi' });
  assert.deepEqual((await ana.until('new-message')).map(([, { text }]) => text), ['Hi']);
  assert.equal((await ana.users('standup')).length, 2);
  assert.equal((await comeBack(t, server, ben, 'standup', 'Ben')).answer.resumed, true);
});

test('what was sent before but is not yet handled goes with the displaced socket', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  const again = await connect(t, server);
  await ana.heard();
  // All in flight at once: whichever join is read first, nothing is heard of a leaving.
  const { resumeToken: resume } = ben.answer;
  const join = { roomId: 'standup', userName: 'Ben', protocol: 2, resume };
  for (let sent = 0; sent < 5; sent += 1) ben.emit('join-room', join);
  const answer = await again.ask('join-room', join);
  assert.deepEqual([answer.participantId, answer.resumed], [ben.id, true]);
  assert.equal((await again.users('standup')).length, 2);
  assert.deepEqual(await ana.heard(), []);
});

test('of two sockets that come back at once with one token, the later stays', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await cut(server, ben);
  await ana.heard();
  const twins = await Promise.all([connect(t, server), connect(t, server)]);
  const { resumeToken: resume } = ben.answer;
  const other = Promise.race(twins.map((twin, index) => new Promise((resolve) => {
    twin.socket.once('disconnect', () => resolve(twins[1 - index]));
  })));
  const join = { roomId: 'standup', userName: 'Ben', protocol: 2, resume };
  const answers = await Promise.all(twins.map((twin) => twin.ask('join-room', join)));
  assert.deepEqual(answers.map(({ participantId, resumed }) => [participantId, resumed]),
    [[ben.id, true], [ben.id, true]]);

  assert.equal((await (await other).users('standup')).length, 2);
  assert.deepEqual(await ana.heard(), []);
  const { participants, away } = await health(server);
  assert.deepEqual({ participants, away }, { participants: 2, away: 0 });
  const third = await comeBack(t, server, ben, 'standup', 'Ben');
  assert.equal(third.answer.resumed, true, 'a token is good for more than one return');
});

test('who joins again with its own token refreshes', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await ana.heard();
  const { id, answer: { resumeToken: resume } } = ben;
  const { participantId, resumed } = await ben.join('standup', 'Ben', { resume });
  assert.deepEqual([participantId, resumed], [id, true]);
  assert.deepEqual(await ana.heard(), []);
});

test('who takes up another identity ends the one it had', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  await cut(server, ben);
  const cem = await joinOurs(t, server, 'standup', 'Cem');
  const former = cem.id;
  await ana.heard();
  await cem.join('standup', 'Ben', { resume: ben.answer.resumeToken });
  assert.equal(cem.id, ben.id);
  assert.deepEqual(await ana.heard(), farewell(former));
});

test('a server that ends says of nobody that they left', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  const cem = await joinOurs(t, server, 'standup', 'Cem');
  await Promise.all([ana, ben, cem].map((client) => client.heard()));
  await cut(server, cem);
  await server.close();
  assert.deepEqual(await ana.until('disconnect'), [['disconnect', 'transport close']]);
  assert.deepEqual(await ben.until('disconnect'), [['disconnect', 'transport close']]);
});

test('a restarted server learns from those who come back who is there', async (t) => {
  let timeMs = 1_700_000_000_000;
  const options = { secret: SECRET, graceMs: 30_000, now: () => timeMs };
  const first = await startServer(t, options);
  const ana = await joinOurs(t, first, 'standup', 'Ana');
  const ben = await joinOurs(t, first, 'standup', 'Ben', { isSharing: true });
  assert.equal(ana.answer.settlesInMs, 30_000);
  await first.close();

  const second = await startServer(t, options);
  timeMs += 2000;
  const anaAgain = await comeBack(t, second, ana, 'standup', 'Ana');
  assert.deepEqual(anaAgain.answer.participants, [entry(ana, 'Ana', OURS)]);
  const { resumed, settlesInMs } = anaAgain.answer;
  assert.deepEqual({ resumed, settlesInMs }, { resumed: true, settlesInMs: 28_000 });

  timeMs += 3000;
  const benAgain = await comeBack(t, second, ben, 'standup', 'Ben', { isSharing: true });
  const seen = [entry(ana, 'Ana', OURS), entry(ben, 'Ben', { ...OURS, isSharing: true })];
  assert.deepEqual(benAgain.answer.participants, seen);
  assert.deepEqual(await anaAgain.heard(), [['user-joined', seen[1]]]);

  timeMs += 60_000;
  const cem = await joinOurs(t, second, 'standup', 'Cem');
  assert.deepEqual(cem.answer.participants, [...seen, entry(cem, 'Cem', OURS)]);
  assert.equal(cem.answer.settlesInMs, 0);
  const sdp = { type: 'offer', sdp: 'v=0\r\n' };
  cem.emit('offer', { targetId: ben.id, sdp });
  assert.deepEqual((await benAgain.until('offer')).at(-1), ['offer', { fromId: cem.id, sdp }]);
});

test('what is said on a restarted server reaches those who come back after it was', async (t) => {
  const first = await startServer(t, { secret: SECRET });
  const ana = await joinOurs(t, first, 'standup', 'Ana');
  const ben = await joinOurs(t, first, 'standup', 'Ben');
  await ana.ask('send-message', { message: { id: 'm1', text: 'Before' } });
  await ben.until('new-message');
  await first.close();

  const second = await startServer(t, { secret: SECRET });
  const anaAgain = await comeBack(t, second, ana, 'standup', 'Ana', { lastChatId: 'm1' });
  await anaAgain.ask('send-message', { message: { id: 'm2', text: 'After' } });
  const benAgain = await comeBack(t, second, ben, 'standup', 'Ben', { lastChatId: 'm1' });
  const told = (await benAgain.heard()).filter(([event]) => event === 'new-message');
  assert.deepEqual(told.map(([, { id }]) => id), ['m2']);
});

test('a token lasts a day, and every return brings a new one', async (t) => {
  let timeMs = 1_700_000_000_000;
  const options = { now: () => timeMs, secret: SECRET };
  const server = await startServer(t, options);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  timeMs += 86_399_000;
  const again = await comeBack(t, server, ana, 'standup', 'Ana');
  assert.equal(again.id, ana.id);
  timeMs += 2000;
  const other = await startServer(t, options); // which doesn't know her
  const old = await comeBack(t, other, ana, 'standup', 'Ana');
  assert.equal(old.answer.resumed, false);
  const renewed = await comeBack(t, other, again, 'standup', 'Ana');
  assert.deepEqual([renewed.answer.resumed, renewed.id], [true, ana.id]);
});
