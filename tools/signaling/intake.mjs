// What comes in from the sockets: counted against its rate, read, and handled in its order.

import { MAX_LOGGED_REFUSALS, MAX_QUEUED_CHARS } from './limits.mjs';
import { readMessage } from './messages.mjs';
import { createRateGuard } from './rates.mjs';

/**
 * One socket. `participantId` is its socket's id until it joins as a client of ours; `turn` ends
 * when the messages that have come are handled; it is not live once it is closed or displaced.
 * @typedef {{socket: import('socket.io').Socket, order: number, participantId: string,
 *   protocol: number, refusals: number, isLive: boolean, turn: Promise<void>}} Connection
 *
 * @typedef {{code: string, message: string}} Refusal
 *
 * `prepare` is for what takes time and changes nothing; `handle` gets what it resolves to, and acts
 * in one step.
 * @typedef {{rate: import('./rates.mjs').Rate, anywhere?: boolean,
 *   prepare?: (connection: Connection, message: any) => Promise<any>,
 *   handle: (connection: Connection, message: any, acknowledge: (answer: object) => void,
 *     prepared: any) => Refusal | void}} Handler
 */

export const refusal = (code, message) => ({ code, message });

/**
 * @param {import('socket.io').Server} io
 * @param {{handlers: Record<string, Handler>, isMember: (id: string) => boolean,
 *   onLost: (connection: Connection, reason: string) => void,
 *   log: (event: string, fields: object) => void}} house
 */
export function takeIn(io, { handlers, isMember, onLost, log }) {
  const isWithinRate = createRateGuard();

  /** @returns {Promise<Refusal | void>} */
  async function refusalOf(connection, event, payload, acknowledge) {
    const { anywhere, prepare, handle } = handlers[event];
    const { ok, value, message } = readMessage(event, payload);
    if (!ok) return refusal('malformed', message);
    if (!anywhere && !isMember(connection.participantId)) {
      return refusal('not_in_room', 'Join first.');
    }
    if (!prepare) return handle(connection, value, acknowledge, undefined);
    const prepared = await prepare(connection, value);
    if (!connection.isLive) return undefined;
    return handle(connection, value, acknowledge, prepared);
  }

  async function receive(connection, event, args, isWithin) {
    if (!connection.isLive) return;
    const acknowledge = typeof args.at(-1) === 'function' ? args.pop() : () => {};
    try {
      const refused = isWithin
        ? await refusalOf(connection, event, args[0], acknowledge)
        : refusal('rate_limited', 'Too many messages.');
      if (refused) refuse(connection, event, refused, acknowledge);
      else acknowledge({ ok: true }); // some have answered before: Socket.IO sends the first only
    } catch (error) {
      log('error', {
        participant: connection.participantId, received: event, error: error.stack,
      });
    }
  }

  function refuse(connection, event, { code, message }, acknowledge) {
    connection.refusals += 1;
    if (connection.refusals <= MAX_LOGGED_REFUSALS) {
      log('refused', { participant: connection.participantId, received: event, code, message });
    }
    const isBadJoin = event === 'join-room' && code === 'malformed';
    acknowledge({ ok: false, code: isBadJoin ? 'bad_request' : code, message });
    if (connection.protocol >= 2 && code !== 'room_full') {
      connection.socket.emit('server-error', { code, message, event });
    }
  }

  refuseSecondSockets(io);

  let connections = 0;
  io.on('connection', (socket) => {
    connections += 1;
    /** @type {Connection} */
    const connection = {
      socket, order: connections, participantId: socket.id, protocol: 1, refusals: 0,
      isLive: true, turn: Promise.resolve(),
    };
    for (const [event, { rate }] of Object.entries(handlers)) {
      socket.on(event, (...args) => {
        const within = isWithinRate(socket.id, rate);
        connection.turn = connection.turn
          .then(() => within)
          .then((isWithin) => receive(connection, event, args, isWithin));
      });
    }
    socket.on('disconnect', (reason) => {
      const { participantId: participant, refusals: count } = connection;
      connection.isLive = false;
      onLost(connection, reason);
      if (count) log('refusals', { participant, count });
    });
    boundQueue(socket.conn, () =>
      log('refused', { participant: connection.participantId, code: 'too_slow' }));
  });
}

/**
 * One socket per connection: a client that connects again and again inside one would be many
 * participants, each with rates of its own.
 */
function refuseSecondSockets(io) {
  const used = new WeakSet();
  io.use(({ conn }, next) => {
    if (used.has(conn)) {
      conn.close();
      return next(new Error('one socket per connection'));
    }
    used.add(conn);
    next();
  });
}

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
