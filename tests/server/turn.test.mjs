// TURN credentials that expire.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createIceServers, turnCredential } from '../../tools/signaling/turn.mjs';
import { connect, joinOurs, startServer } from './harness.mjs';

const TURN = ['turn:turn.example:3478', 'turns:turn.example:443?transport=tcp'];

test('a credential is what coturn computes', () => {
  // printf 1700003600:abc | openssl dgst -sha1 -hmac north -binary | base64
  assert.deepEqual(turnCredential('north', 'abc', 1_700_003_600),
    { username: '1700003600:abc', credential: 'IMSPYGMI9e0aXDFcZousOwkA8N0=' });
});

test('TURN servers come with credentials, STUN servers without', () => {
  const iceServersFor = createIceServers({
    urls: ['stun:stun.example', ...TURN], turnSecret: 'north', turnTtlSeconds: 3600,
    now: () => 1_700_000_000_999,
  });
  assert.deepEqual(iceServersFor('abc'), {
    iceServers: [
      { urls: ['stun:stun.example'] },
      { urls: TURN, username: '1700003600:abc', credential: 'IMSPYGMI9e0aXDFcZousOwkA8N0=' },
    ],
    iceServersTtlMs: 3_599_001,
  });
});

test('a participant gets credentials of its own, new ones with every join', async (t) => {
  const options = { iceServers: TURN, turnSecret: 'north', turnTtlSeconds: 600 };
  const server = await startServer(t, options);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const { username, credential } = ana.answer.iceServers[0];
  const [expiry, id] = username.split(':');
  assert.equal(id, ana.id);
  assert.ok(Math.abs(Number(expiry) - Date.now() / 1000 - 600) < 60);
  assert.equal(credential, turnCredential('north', id, Number(expiry)).credential);
  assert.equal((await ana.ask('join-room', { roomId: 'standup' })).iceServers.length, 1);
  assert.doesNotMatch(JSON.stringify(server.logs), /north|credential/);
});

test('a member asks for new credentials before the old ones expire', async (t) => {
  let timeMs = 1_700_000_000_000;
  const server = await startServer(t, {
    iceServers: TURN, turnSecret: 'north', turnTtlSeconds: 600, now: () => timeMs,
  });
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  assert.equal(ana.answer.iceServersTtlMs, 600_000);
  timeMs += 500_000;
  assert.deepEqual(await ana.ask('get-ice-servers', { roomId: 'standup' }), {
    ok: true,
    iceServers: [{ urls: TURN, ...turnCredential('north', ana.id, 1_700_001_100) }],
    iceServersTtlMs: 600_000,
  });

  const eve = await connect(t, server);
  assert.equal((await eve.ask('get-ice-servers', { roomId: 'standup' })).code, 'not_in_room');
  await eve.join('other', 'Eve');
  assert.equal((await eve.ask('get-ice-servers', { roomId: 'standup' })).code, 'not_in_room');
  assert.equal((await eve.ask('get-ice-servers', {})).code, 'malformed');
});

test('STUN servers never expire', async (t) => {
  const server = await startServer(t, { iceServers: ['stun:stun.example'] });
  const { answer } = await joinOurs(t, server, 'standup', 'Ana');
  assert.deepEqual(answer.iceServers, [{ urls: ['stun:stun.example'] }]);
  assert.ok(!('iceServersTtlMs' in answer));
});

test('without ICE servers the list is empty', async (t) => {
  const ana = await joinOurs(t, await startServer(t), 'standup', 'Ana');
  assert.deepEqual(ana.answer.iceServers, []);
});
