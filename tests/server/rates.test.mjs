// What a socket may send within a window passes, what is beyond is dropped and told.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RATES } from '../../tools/signaling/limits.mjs';
import { connect, joinOurs, joinPlain, startServer } from './harness.mjs';

const sdp = { type: 'offer', sdp: '' };
const candidate = { candidate: '' };
const MUTED = { isMuted: true, isVideoOff: true };

for (const [rate, event, toBen, payloadFor] of [
  ['chat', 'send-message', 'new-message', () => ({ text: 'Hi' })],
  ['media', 'media-state-change', 'media-state-updated', () => MUTED],
  ['description', 'offer', 'offer', (targetId) => ({ targetId, sdp })],
  ['candidate', 'ice-candidate', 'ice-candidate', (targetId) => ({ targetId, candidate })],
]) {
  const { points, seconds } = RATES[rate];
  test(`${points} ${event} in ${seconds} s pass, more are dropped`, async (t) => {
    const server = await startServer(t);
    const ana = await joinOurs(t, server, 'standup', 'Ana');
    const ben = await joinPlain(t, server, 'standup', 'Ben');
    await ana.heard();
    const excess = 3;
    for (let sent = 0; sent < points + excess; sent += 1) ana.emit(event, payloadFor(ben.id));
    ana.emit('screen-share-ended', {});
    if (rate === 'media') ana.emit('send-message', { text: 'the end' });

    const end = rate === 'media' ? 'new-message' : 'screen-share-ended';
    const heard = (await ben.until(end)).map(([name]) => name);
    assert.deepEqual(heard, [...Array(points).fill(toBen), end]);
    const errors = (await ana.heard()).filter(([, { event: dropped }]) => dropped === event);
    assert.deepEqual(errors, Array(excess).fill(
      ['server-error', { code: 'rate_limited', message: 'Too many messages.', event }],
    ));
    const logged = server.logs.find(({ code }) => code === 'rate_limited');
    assert.equal(logged.participant, ana.id);
  });
}

test('a join beyond the rate is answered so', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const answers = await Promise.all(Array.from({ length: RATES.join.points }, (_, index) =>
    ana.ask('join-room', { roomId: 'standup', userName: `Ana ${index}` })));
  const { ok, code } = answers.at(-1);
  assert.deepEqual({ ok, code }, { ok: false, code: 'rate_limited' });
  assert.equal(answers.filter((answer) => answer.ok).length, RATES.join.points - 1);
});

test('a heartbeat is answered to whoever is connected, up to its rate', async (t) => {
  const server = await startServer(t);
  const ana = await connect(t, server);
  const { points } = RATES.heartbeat;
  const answers = await Promise.all(Array.from({ length: points + 1 }, () =>
    ana.ask('heartbeat')));
  assert.deepEqual(answers, [...Array(points).fill({}), {
    ok: false, code: 'rate_limited', message: 'Too many messages.',
  }]);
});

test('one socket\'s excess costs the others nothing', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  const twice = 2 * RATES.chat.points;
  for (let sent = 0; sent < twice; sent += 1) ana.emit('send-message', { text: 'x' });
  await ana.until('server-error');
  assert.deepEqual(await ben.ask('send-message', { text: 'Hi' }), { ok: true });
});

test('a flood of refusals fills no log', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const watcher = await joinPlain(t, server, 'standup', 'Ben');
  for (let sent = 0; sent < 100; sent += 1) ana.emit('ice-candidate', 'junk');
  await ana.heard();
  ana.socket.disconnect();
  await watcher.until('participant-left');
  assert.equal(server.logs.filter(({ event }) => event === 'refused').length, 20);
  assert.equal(server.logs.find(({ event }) => event === 'refusals').count, 100);
});

test('who does not read what comes is put out before the server runs full', async (t) => {
  const server = await startServer(t);
  const eve = await joinPlain(t, server, 'standup', 'Eve');
  const { id } = eve;
  const senders = await Promise.all(['Ana', 'Ben', 'Cem', 'Dan', 'Ela'].map((name) =>
    joinPlain(t, server, 'standup', name)));
  eve.socket.io.engine.transport.ws._socket.pause();
  const long = { type: 'offer', sdp: 'x'.repeat(131_072) };
  for (const sender of senders) {
    for (let sent = 0; sent < RATES.description.points; sent += 1) {
      sender.emit('offer', { targetId: id, sdp: long });
    }
  }
  for (const sender of senders) {
    assert.equal((await sender.until('participant-left')).at(-1)[1], id);
  }
  assert.equal(server.logs.filter(({ code }) => code === 'too_slow').length, 1);
});
