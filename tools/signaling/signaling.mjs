// The dvMeet protocol: what a socket sends changes the rooms and is told to the other members.
//
// A participant's id is its socket's id. Receivers are looked up in `rooms` and `clients`, never in
// Socket.IO by a value from a message: there an array, a room or a foreign socket would be legal.

import { randomUUID } from 'node:crypto';

import { MAX_LOGGED_REFUSALS, MAX_QUEUED_CHARS } from './limits.mjs';
import { PROTOCOL, readMessage } from './messages.mjs';
import { createRateGuard } from './rates.mjs';

/**
 * @typedef {{code: string, message: string}} Refusal
 * @typedef {{rate: import('./rates.mjs').Rate, anywhere?: boolean,
 *   handle: (id: string, message: object, acknowledge: (answer: object) => void) => Refusal | void
 * }} Handler
 * @typedef {{socket: import('socket.io').Socket, protocol: number, refusals: number}} Client
 */

/**
 * @param {import('socket.io').Server} io
 * @param {{rooms: import('./rooms.mjs').Rooms, iceServersFor: (id: string) => object[],
 *   log: (event: string, fields: object) => void}} house
 */
export function serveSignaling(io, { rooms, iceServersFor, log }) {
  /** @type {Map<string, Client>} */
  const clients = new Map();
  const isWithinRate = createRateGuard();

  const send = (id, event, payload) => clients.get(id)?.socket.emit(event, payload);
  const sendToAll = (receivers, event, payload) =>
    receivers.forEach(({ socketId }) => send(socketId, event, payload));

  function leave(id, reason) {
    const others = rooms.others(id);
    if (!rooms.leave(id)) return;
    sendToAll(others, 'user-left', id);
    sendToAll(others, 'participant-left', id);
    log('left', { participant: id, reason, participants: others.length });
  }

  /**
   * Each takes the sender's id, the message and the acknowledgement, and returns any refusal.
   * @type {Record<string, Handler>}
   */
  const handlers = {
    'join-room': {
      rate: 'join',
      anywhere: true,
      handle(id, message, acknowledge) {
        const { roomId, isCameraOff = message.isVideoOff, ...profile } = message;
        const client = clients.get(id);
        const isHere = rooms.roomOf(id) === roomId;
        if (!isHere && rooms.isFull(roomId)) return refusal('room_full', 'The room is full.');
        if (!isHere) leave(id, 'other room');
        client.protocol = Math.max(client.protocol, profile.protocol);
        const isNews = rooms.join(id, roomId, {
          ...profile, isCameraOff, protocol: client.protocol,
        });
        const participants = rooms.members(id);
        acknowledge({
          ok: true, protocol: PROTOCOL, participantId: id, participants,
          iceServers: iceServersFor(id),
        });
        send(id, 'participants-list', participants);
        // To a plain client each user-joined is a reason to connect anew: tell it nothing twice.
        if (isNews) sendToAll(rooms.others(id), 'user-joined', rooms.participant(id));
        log(isHere ? 'refreshed' : 'joined', {
          participant: id, participants: participants.length, protocol: client.protocol,
        });
      },
    },
    'leave-room': {
      rate: 'join',
      handle(id, { roomId = rooms.roomOf(id) }) {
        if (roomId !== rooms.roomOf(id)) return refusal('not_in_room', 'You are in another room.');
        leave(id, 'leave-room');
      },
    },
    'get-users': {
      rate: 'list',
      anywhere: true,
      handle(id, { roomId }) {
        send(id, 'room-users', rooms.roomOf(id) === roomId ? rooms.members(id) : []);
      },
    },
    offer: { rate: 'description', handle: relay('offer') },
    answer: { rate: 'description', handle: relay('answer') },
    'ice-candidate': { rate: 'candidate', handle: relay('ice-candidate') },
    'media-state-change': {
      rate: 'media',
      handle(id, { isMuted, isVideoOff, isCameraOff = isVideoOff }) {
        const state = { isMuted, isVideoOff, isCameraOff };
        rooms.update(id, state);
        sendToAll(rooms.others(id), 'media-state-updated', { socketId: id, ...state });
      },
    },
    'screen-share-started': { rate: 'media', handle: share('screen-share-started', true) },
    'screen-share-ended': { rate: 'media', handle: share('screen-share-ended', false) },
    'send-message': {
      rate: 'chat',
      handle(id, message) {
        sendToAll(rooms.others(id), 'new-message', {
          id: randomUUID(), time: new Date().toISOString(), ...message,
          sender: rooms.participant(id).userName, fromId: id,
        });
      },
    },
  };

  function relay(event) {
    return (id, { targetId, ...content }) => {
      const target = rooms.other(id, targetId);
      if (!target) return refusal('unknown_target', 'targetId: no other participant has this id.');
      // Plain clients hand what they get to RTCIceCandidate, which takes no null.
      if (content.candidate === null && target.protocol < 2) return undefined;
      send(targetId, event, { fromId: id, ...content });
    };
  }

  function share(event, isSharing) {
    return (id) => {
      rooms.update(id, { isSharing });
      sendToAll(rooms.others(id), event, { socketId: id });
    };
  }

  function refusalOf(id, event, payload, acknowledge) {
    const { anywhere, handle } = handlers[event];
    const { ok, value, message } = readMessage(event, payload);
    if (!ok) return refusal('malformed', message);
    if (!anywhere && rooms.roomOf(id) === undefined) return refusal('not_in_room', 'Join first.');
    return handle(id, value, acknowledge);
  }

  /** Answers a message in one step, so that a socket's answers keep the order of its messages. */
  function receive(client, event, args, isWithin) {
    const { id } = client.socket;
    if (!clients.has(id)) return; // gone while its rate was looked up
    const acknowledge = typeof args.at(-1) === 'function' ? args.pop() : () => {};
    try {
      const refused = isWithin
        ? refusalOf(id, event, args[0], acknowledge)
        : refusal('rate_limited', 'Too many messages.');
      if (refused) refuse(client, event, refused, acknowledge);
      else acknowledge({ ok: true }); // a join has answered before: Socket.IO sends the first only
    } catch (error) {
      log('error', { participant: id, received: event, error: error.stack });
    }
  }

  function refuse(client, event, { code, message }, acknowledge) {
    const { id } = client.socket;
    client.refusals += 1;
    if (client.refusals <= MAX_LOGGED_REFUSALS) {
      log('refused', { participant: id, received: event, code, message });
    }
    const isBadJoin = event === 'join-room' && code === 'malformed';
    acknowledge({ ok: false, code: isBadJoin ? 'bad_request' : code, message });
    if (client.protocol >= 2 && code !== 'room_full') {
      send(id, 'server-error', { code, message, event });
    }
  }

  const used = new WeakSet();
  io.use(({ conn }, next) => {
    // One socket per connection: a client that connects again and again inside one would be many
    // participants, each with rates of its own.
    if (used.has(conn)) {
      conn.close();
      return next(new Error('one socket per connection'));
    }
    used.add(conn);
    next();
  });

  io.on('connection', (socket) => {
    const client = { socket, protocol: 1, refusals: 0 };
    clients.set(socket.id, client);
    for (const [event, { rate }] of Object.entries(handlers)) {
      socket.on(event, (...args) => isWithinRate(socket.id, rate)
        .then((isWithin) => receive(client, event, args, isWithin)));
    }
    socket.on('disconnect', (reason) => {
      leave(socket.id, reason);
      clients.delete(socket.id);
      if (client.refusals) log('refusals', { participant: socket.id, count: client.refusals });
    });
    boundQueue(socket.conn, () => log('refused', { participant: socket.id, code: 'too_slow' }));
  });
}

const refusal = (code, message) => ({ code, message });

/** Closes a connection whose receiver doesn't read. */
function boundQueue(conn, onOverflow) {
  let queuedChars = 0;
  conn.on('packetCreate', ({ data }) => {
    queuedChars += data?.length ?? 0;
    if (queuedChars <= MAX_QUEUED_CHARS || conn.readyState !== 'open') return;
    onOverflow();
    conn.close(true);
  });
  conn.on('flush', () => { queuedChars = 0; });
}
