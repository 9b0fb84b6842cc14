// What a broken or hostile client may send: it is refused, changes nothing and ends nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, farewell, joinOurs, joinPlain, request, startServer } from './harness.mjs';

const big = (chars) => 'x'.repeat(chars);
const offer = (fields) => ({ targetId: 'someone', sdp: { type: 'offer', sdp: '' }, ...fields });
const ice = (candidate) => ({ targetId: 'someone', candidate });
const chat = (fields) => ({ message: { id: 'm', text: 'Hi', time: '10:42', ...fields } });
const NO_OBJECT = [null, 7, 'text', true, [], [[]]];

/** [event, payload, the field that the refusal names] */
const ROWS = [
  ...['join-room', 'get-users', 'offer', 'answer', 'ice-candidate', 'media-state-change']
    .flatMap((event) => [undefined, ...NO_OBJECT].map((payload) => [event, payload, 'payload'])),
  ...['leave-room', 'screen-share-started', 'screen-share-ended', 'send-message']
    .flatMap((event) => NO_OBJECT.map((payload) => [event, payload, 'payload'])),

  ...[undefined, null, 7, '', '   ', [], ['a'], {}, big(65), 'a\u0007b', '\u0000']
    .flatMap((roomId) => [['join-room', { roomId, userName: 'Eve' }, 'roomId'],
      ['get-users', { roomId }, 'roomId']]),
  ['leave-room', { roomId: ['standup'] }, 'roomId'],
  ['join-room', { roomId: 'standup', userName: 7 }, 'userName'],
  ['join-room', { roomId: 'standup', userName: { toString: 'x' } }, 'userName'],
  ['join-room', { roomId: 'standup', isMuted: 'yes' }, 'isMuted'],
  ['join-room', { roomId: 'standup', isVideoOff: 1 }, 'isVideoOff'],
  ['join-room', { roomId: 'standup', isCameraOff: null }, 'isCameraOff'],
  ['join-room', { roomId: 'standup', isSharing: [] }, 'isSharing'],

  ...[undefined, null, 7, '', [], {}, big(65)]
    .map((targetId) => ['offer', offer({ targetId }), 'targetId']),
  ...[undefined, null, 'v=0', []].map((sdp) => ['offer', offer({ sdp }), 'sdp']),
  ['offer', offer({ sdp: { type: 'answer', sdp: '' } }), 'sdp.type'],
  ['offer', offer({ sdp: { type: 'rollback', sdp: '' } }), 'sdp.type'],
  ['offer', offer({ sdp: { type: ['offer'], sdp: '' } }), 'sdp.type'],
  ['answer', offer({ sdp: { type: 'offer', sdp: '' } }), 'sdp.type'],
  ['offer', offer({ sdp: { type: 'offer' } }), 'sdp.sdp'],
  ['offer', offer({ sdp: { type: 'offer', sdp: { length: 1 } } }), 'sdp.sdp'],
  ['offer', offer({ sdp: { type: 'offer', sdp: big(131_073) } }), 'sdp.sdp'],

  ...[undefined, 'candidate:1', 7, []].map((it) => ['ice-candidate', ice(it), 'candidate']),
  ['ice-candidate', ice({}), 'candidate.candidate'],
  ['ice-candidate', ice({ candidate: null }), 'candidate.candidate'],
  ['ice-candidate', ice({ candidate: big(1025) }), 'candidate.candidate'],
  ['ice-candidate', ice({ candidate: '', sdpMid: 0 }), 'candidate.sdpMid'],
  ['ice-candidate', ice({ candidate: '', sdpMid: big(257) }), 'candidate.sdpMid'],
  ['ice-candidate', ice({ candidate: '', sdpMLineIndex: -1 }), 'candidate.sdpMLineIndex'],
  ['ice-candidate', ice({ candidate: '', sdpMLineIndex: 65_536 }), 'candidate.sdpMLineIndex'],
  ['ice-candidate', ice({ candidate: '', sdpMLineIndex: 0.5 }), 'candidate.sdpMLineIndex'],
  ['ice-candidate', ice({ candidate: '', usernameFragment: {} }), 'candidate.usernameFragment'],

  ['media-state-change', {}, 'isMuted'],
  ['media-state-change', { isMuted: 'true', isVideoOff: true }, 'isMuted'],
  ['media-state-change', { isMuted: true }, 'isVideoOff'],
  ['media-state-change', { isMuted: true, isVideoOff: 0 }, 'isVideoOff'],
  ['media-state-change', { isMuted: true, isVideoOff: true, isCameraOff: 'x' }, 'isCameraOff'],

  ...NO_OBJECT.map((message) => ['send-message', { roomId: 'standup', message }, 'payload']),
  ...[undefined, null, 7, '', ['Hi'], big(4097)]
    .map((text) => ['send-message', chat({ text }), 'text']),
  ...['', null, {}, big(65)].map((id) => ['send-message', chat({ id }), 'id']),
  ...[7, null, big(33)].map((time) => ['send-message', chat({ time }), 'time']),
  ...[{}, null, big(33)].map((it) => ['send-message', chat({ timestamp: it }), 'timestamp']),
];

test('every malformed message is refused by field and changes nothing', async (t) => {
  const server = await startServer(t);
  const watcher = await joinPlain(t, server, 'standup', 'Ana');
  for (const [event, payload, field] of ROWS) {
    const row = `${event} ${JSON.stringify(payload)?.slice(0, 60)}`;
    const eve = await joinOurs(t, server, 'standup', 'Eve');
    const before = await watcher.users('standup');
    await watcher.heard();

    eve.emit(event, payload);
    const heard = await eve.heard();
    assert.equal(heard.length, 1, `${row}: ${JSON.stringify(heard)}`);
    const [[name, error]] = heard;
    assert.deepEqual([name, error.code, error.event], ['server-error', 'malformed', event], row);
    assert.ok(error.message.startsWith(`${field}: `), `${row}: ${error.message}`);

    const refused = await eve.ask(event, payload);
    const code = event === 'join-room' ? 'bad_request' : 'malformed';
    assert.deepEqual(refused, { ok: false, code, message: error.message }, row);
    assert.deepEqual(await watcher.heard(), [], row);
    assert.deepEqual(await watcher.users('standup'), before, row);
    eve.socket.disconnect();
    await watcher.until('participant-left');
    await rested(server, watcher);
  }
});

/** Lets the watcher ask on without reaching the rate of its questions: it comes in anew. */
async function rested(server, watcher) {
  watcher.socket.disconnect();
  const connected = new Promise((resolve) => { watcher.socket.once('connect', resolve); });
  watcher.socket.connect();
  await connected;
  watcher.emit('join-room', { roomId: 'standup', userName: 'Ana' });
  await watcher.until('participants-list');
}

test('plain clients are told of no errors', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  ana.emit('offer');
  assert.deepEqual(await ana.heard(), []);
  assert.deepEqual(server.logs.filter(({ event }) => event === 'refused').map(({ code }) => code),
    ['malformed']);
});

test('odd arguments, acknowledgements and event names end nothing', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const eve = await connect(t, server);
  for (const args of [
    ['join-room', { roomId: 'standup', userName: 'Eve' }, 'no function', 7],
    ['join-room', { roomId: 'standup', userName: 'Eve' }, null, () => {}],
    ['join-room', () => {}],
    ['offer', Buffer.from('binary'), Buffer.alloc(3)],
    ['offer', { targetId: Buffer.from('x'), sdp: { type: 'offer', sdp: Buffer.from('x') } }],
    ['error', 'x'], ['error'], ['message'], ['constructor'], ['__proto__', {}], [7], [''],
    ['send-message', JSON.parse('{"__proto__": {"text": "Hi"}}')],
  ]) eve.emit(...args);
  assert.deepEqual((await eve.heard()).map(([event]) => event),
    ['participants-list', 'participants-list']);
  assert.equal((await ana.users('standup')).length, 2);
});

test('a hostile object is refused also when reading it throws', async () => {
  const { readMessage } = await import('../../tools/signaling/messages.mjs');
  const trap = () => { throw new Error('read'); };
  const getter = Object.defineProperty({}, 'roomId', { get: trap, enumerable: true });
  const proxy = new Proxy({}, { get: trap, has: trap, getOwnPropertyDescriptor: trap });
  for (const payload of [getter, proxy]) {
    assert.equal(readMessage('join-room', payload).ok, false);
    assert.equal(readMessage('send-message', payload).ok, false);
  }
});

test('the longest of everything passes', async (t) => {
  const server = await startServer(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const ben = await joinOurs(t, server, 'standup', 'Ben');
  const targetId = ben.id;
  const candidate = {
    candidate: big(1024), sdpMid: big(256), sdpMLineIndex: 65_535, usernameFragment: big(256),
  };
  const message = { id: big(64), time: big(32), text: big(4096), timestamp: big(32) };
  const sdp = { type: 'offer', sdp: big(131_072) };
  ana.emit('offer', { targetId, sdp });
  ana.emit('ice-candidate', { targetId, candidate });
  ana.emit('send-message', { roomId: 'standup', message });
  assert.deepEqual(await ben.until('new-message'), [
    ['offer', { fromId: ana.id, sdp }],
    ['ice-candidate', { fromId: ana.id, candidate }],
    ['new-message', { ...message, sender: 'Ana', fromId: ana.id }],
  ]);
});

test('a packet beyond the limit ends its own connection only', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const eve = await joinPlain(t, server, 'standup', 'Eve');
  await ana.heard();
  const { id } = eve;
  eve.emit('send-message', { text: big(300_000) });
  await eve.until('disconnect');
  assert.deepEqual(await ana.until('participant-left'), farewell(id));
});

test('packets that are no Socket.IO end their own connection only', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  for (const packet of [
    '2{', '2[]', '2["disconnect"]', '29999999999999["offer"]', '5', '9', '3[', '',
    '51-["offer",{"_placeholder":1}]', '59999-["offer"]', '2/other,["offer"]',
    `2["offer",${'['.repeat(100_000)}`,
    `2["offer",${'['.repeat(60_000)}${']'.repeat(60_000)}]`,
    `51-["offer",${'['.repeat(60_000)}${']'.repeat(60_000)}]`,
  ]) {
    const eve = await joinPlain(t, server, 'standup', 'Eve');
    eve.socket.io.engine.write(packet);
    eve.socket.io.engine.write('1'); // the client's own farewell
    await ana.until('participant-left');
  }
  assert.equal((await ana.users('standup')).length, 1);
  assert.equal((await request(server, '/health')).status, 200);
});

test('one connection is one participant, however often it says hello', async (t) => {
  const server = await startServer(t);
  const ana = await joinPlain(t, server, 'standup', 'Ana');
  const eve = await joinPlain(t, server, 'standup', 'Eve');
  eve.socket.io.engine.write('1');
  await ana.until('participant-left');
  eve.socket.io.engine.write('0');
  await eve.until('disconnect');
});
