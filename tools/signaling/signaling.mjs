// The dvMeet protocol: what a socket sends changes the rooms and is told to the other members.
//
// A plain client's id is its socket's; a client of ours has one of its own, which outlives sockets.
// Receivers are looked up in `rooms` and `seats`, never in Socket.IO by a value from a message:
// there an array, a room or a foreign socket would be legal.

import { randomUUID } from 'node:crypto';

import { refusal, takeIn } from './intake.mjs';
import { createJoining } from './joining.mjs';
import { Seats } from './seats.mjs';

/**
 * @param {import('socket.io').Server} io
 * @param {{rooms: import('./rooms.mjs').Rooms, graceMs: number, settlesInMs: () => number,
 *   tokens: ReturnType<typeof import('./tokens.mjs').createTokens>,
 *   iceServersFor: ReturnType<typeof import('./turn.mjs').createIceServers>,
 *   log: (event: string, fields: object) => void}} house
 * @returns {Seats}
 */
export function serveSignaling(io, house) {
  const { rooms, graceMs, iceServersFor, log } = house;
  const seats = new Seats({ graceMs, onGraceOver: (id) => leave(id, 'grace over') });

  const sendToAll = (receivers, event, payload) =>
    receivers.forEach(({ socketId }) => seats.send(socketId, event, payload));
  const sendToOthers = (id, event, payload) => sendToAll(rooms.others(id), event, payload);

  const isIn = ({ participantId }, roomId) => rooms.roomOf(participantId) === roomId;

  function leave(id, reason) {
    const others = rooms.others(id);
    if (!rooms.leave(id)) return;
    seats.vacate(id);
    sendToAll(others, 'user-left', id);
    sendToAll(others, 'participant-left', id);
    log('left', { participant: id, reason, participants: others.length });
  }

  /** A client of ours that didn't say goodbye is waited for. */
  function onLost(connection, reason) {
    const { participantId: id, protocol } = connection;
    if (!seats.isOn(id, connection)) return;
    // Nobody leaves a server that ends: they come back to the next one.
    if (reason === 'server shutting down') return;
    const isGoodbye = reason === 'client namespace disconnect';
    if (protocol < 2 || isGoodbye || !seats.lose(id)) return leave(id, reason);
    log('away', { participant: id, reason });
  }

  const joining = createJoining({ ...house, seats, sendToOthers, leave });

  /** @type {Record<string, import('./intake.mjs').Handler>} */
  const handlers = {
    'join-room': {
      rate: 'join', anywhere: true, prepare: joining.prepare, handle: joining.handle,
    },
    'leave-room': {
      rate: 'join',
      handle(connection, { roomId = rooms.roomOf(connection.participantId) }) {
        if (!isIn(connection, roomId)) return refusal('not_in_room', 'You are in another room.');
        joining.end(connection, 'leave-room');
      },
    },
    'get-users': {
      rate: 'list',
      anywhere: true,
      handle(connection, { roomId }) {
        const users = isIn(connection, roomId) ? rooms.members(connection.participantId) : [];
        connection.socket.emit('room-users', users);
      },
    },
    'get-ice-servers': {
      rate: 'list',
      handle(connection, { roomId }, acknowledge) {
        if (!isIn(connection, roomId)) return refusal('not_in_room', 'You are in another room.');
        acknowledge({ ok: true, ...iceServersFor(connection.participantId) });
      },
    },
    heartbeat: {
      rate: 'heartbeat',
      anywhere: true,
      handle: (connection, message, acknowledge) => acknowledge({}),
    },
    offer: { rate: 'description', handle: relay('offer') },
    answer: { rate: 'description', handle: relay('answer') },
    'ice-candidate': { rate: 'candidate', handle: relay('ice-candidate') },
    'ice-restart': { rate: 'description', handle: relay('ice-restart') },
    'media-state-change': {
      rate: 'media',
      handle({ participantId: id }, { isMuted, isVideoOff, isCameraOff = isVideoOff }) {
        const state = { isMuted, isVideoOff, isCameraOff };
        rooms.update(id, state);
        sendToOthers(id, 'media-state-updated', { socketId: id, ...state });
      },
    },
    'screen-share-started': { rate: 'media', handle: share('screen-share-started', true) },
    'screen-share-ended': { rate: 'media', handle: share('screen-share-ended', false) },
    'send-message': {
      rate: 'chat',
      handle({ participantId: id, protocol }, message) {
        const chat = rooms.chat(id);
        // Ours repeat a message whose acknowledgement was lost; plain ones may reuse their ids.
        if (protocol >= 2 && chat.has(id, message.id)) return;
        const told = {
          id: randomUUID(), time: new Date().toISOString(), ...message,
          sender: rooms.participant(id).userName, fromId: id,
        };
        chat.add(told);
        sendToOthers(id, 'new-message', told);
      },
    },
  };

  function relay(event) {
    return ({ participantId: id }, { targetId, ...content }) => {
      const target = rooms.other(id, targetId);
      if (!target) return refusal('unknown_target', 'targetId: no other participant has this id.');
      // Plain clients hand what they get to RTCIceCandidate, which takes no null, and know nothing
      // of restarts that somebody asks for.
      const isPlain = target.protocol < 2;
      if (isPlain && (content.candidate === null || event === 'ice-restart')) return undefined;
      seats.send(targetId, event, { fromId: id, ...content });
    };
  }

  function share(event, isSharing) {
    return ({ participantId: id }) => {
      rooms.update(id, { isSharing });
      sendToOthers(id, event, { socketId: id });
    };
  }

  takeIn(io, { handlers, isMember: (id) => rooms.roomOf(id) !== undefined, onLost, log });
  return seats;
}
