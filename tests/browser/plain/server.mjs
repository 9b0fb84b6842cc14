// A server that knows dvMeet's table of messages and nothing else: no acknowledgement, no
// extension, and it hands on only the fields of the table.

import http from 'node:http';
import { Server } from 'socket.io';

import { listen } from '../harness.mjs';

/** @returns {Promise<{url: string, heard: [string, unknown][], close: () => Promise<void>}>} */
export async function startPlainServer() {
  const httpServer = http.createServer();
  const io = new Server(httpServer, { cors: { origin: '*' } });
  const rooms = new Map(); // room → socket id → participant
  const heard = [];

  io.on('connection', (socket) => {
    let room = '';
    const here = () => rooms.get(room) ?? new Map();
    const toOthers = (...message) => socket.to(room).emit(...message);
    socket.onAny((name, payload) => heard.push([name, payload]));
    socket.on('join-room', ({ roomId, userName }) => {
      room = roomId;
      socket.join(room);
      if (!rooms.has(room)) rooms.set(room, new Map());
      const participant = { socketId: socket.id, userName, isMuted: false, isVideoOff: false };
      here().set(socket.id, participant);
      toOthers('user-joined', { socketId: socket.id, userName });
      socket.emit('participants-list', [...here().values()]);
    });
    socket.on('get-users', ({ roomId }) =>
      socket.emit('room-users', [...(rooms.get(roomId)?.values() ?? [])]));
    for (const name of ['offer', 'answer']) {
      socket.on(name, ({ targetId, sdp }) =>
        io.to(targetId).emit(name, { fromId: socket.id, sdp }));
    }
    socket.on('ice-candidate', ({ targetId, candidate }) =>
      io.to(targetId).emit('ice-candidate', { fromId: socket.id, candidate }));
    socket.on('media-state-change', ({ isMuted, isVideoOff }) => {
      Object.assign(here().get(socket.id) ?? {}, { isMuted, isVideoOff });
      toOthers('media-state-updated', { socketId: socket.id, isMuted, isVideoOff });
    });
    for (const name of ['screen-share-started', 'screen-share-ended']) {
      socket.on(name, () => toOthers(name, { socketId: socket.id }));
    }
    socket.on('send-message', (payload) => toOthers('new-message', payload.message ?? payload));
    socket.on('disconnect', () => {
      here().delete(socket.id);
      toOthers('user-left', socket.id);
      toOthers('participant-left', socket.id);
    });
  });
  const url = await listen(httpServer);
  return { url, heard, close: () => new Promise((resolve) => { io.close(() => resolve()); }) };
}
