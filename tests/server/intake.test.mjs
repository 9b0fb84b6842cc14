// The order in which a socket's messages are handled, and that none is once it is gone.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';

import { takeIn } from '../../tools/signaling/intake.mjs';

/** A socket whose joins are prepared when the test says so; `happened` tells what was done. */
function connectSocket() {
  const happened = [];
  const preparing = new EventEmitter();
  const io = Object.assign(new EventEmitter(), { use: () => {} });
  const tell = (what) => () => { happened.push(what); };
  takeIn(io, {
    handlers: {
      'join-room': {
        rate: 'join',
        anywhere: true,
        prepare: () => new Promise((resolve) => { preparing.emit('begun', resolve); }),
        handle: tell('joined'),
      },
      'leave-room': { rate: 'join', anywhere: true, handle: tell('left') },
    },
    isMember: () => true,
    onLost: tell('lost'),
    log: (event, { error }) => happened.push(error),
  });
  const socket = Object.assign(new EventEmitter(), { id: 'ana', conn: new EventEmitter() });
  io.emit('connection', socket);
  return { socket, preparing, happened };
}

const JOIN = { roomId: 'standup', userName: 'Ana' };
const settled = () => new Promise((resolve) => { setImmediate(resolve); });

test('a message waits for the one before it', async () => {
  const { socket, preparing, happened } = connectSocket();
  socket.emit('join-room', JOIN);
  socket.emit('leave-room');
  const [finish] = await once(preparing, 'begun');
  await settled();
  assert.deepEqual(happened, []);
  finish();
  await settled();
  assert.deepEqual(happened, ['joined', 'left']);
});

test('a join is not finished for a socket that is gone, nor is what it sent after', async () => {
  const { socket, preparing, happened } = connectSocket();
  socket.emit('join-room', JOIN);
  socket.emit('leave-room');
  const [finish] = await once(preparing, 'begun');
  socket.emit('disconnect', 'transport close');
  finish();
  await settled();
  assert.deepEqual(happened, ['lost']);
});
