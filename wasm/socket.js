// Carries out the core's signaling actions on a Socket.IO socket.
import { platformError } from './error.js';

/**
 * The part of a Socket.IO client socket that is used.
 * @typedef {object} SocketLike
 * @property {boolean} connected
 * @property {string} [id]
 * @property {() => unknown} connect
 * @property {() => unknown} disconnect
 * @property {(event: string, ...args: any[]) => unknown} emit
 * @property {(event: string, listener: (...args: any[]) => void) => unknown} on
 * @property {(event: string, listener: (...args: any[]) => void) => unknown} off
 */

/**
 * @param {string | URL} url
 * @returns {Promise<SocketLike>}
 */
async function connectTo(url) {
  const { io } = await import('socket.io-client');
  // WebSocket only: two hops fewer than starting with polling, and a strict page's
  // `connect-src ws: wss:` allows it to other hosts.  The core decides when to try again.
  const options = {
    transports: ['websocket'], reconnection: false, forceNew: true, autoConnect: false,
  };
  const address = String(url);
  return /** @type {SocketLike} */ (address ? io(address, options) : io(options));
}

/** The event that an acknowledgement of a message becomes. @type {Record<string, string>} */
const ANSWERED = {
  'join-room': 'joinAnswered',
  heartbeat: 'heartbeatAnswered',
  'send-message': 'chatAnswered',
  'get-ice-servers': 'iceServersAnswered',
};

/**
 * Without Socket.IO's own goodbye, which would end the stay of somebody who only changes sockets;
 * who leaves has said so.
 * @param {any} socket one of ours, a real one
 */
function hangUp(socket) {
  if (socket.connected) socket.io.engine.close();
  else socket.disconnect();
}

/**
 * @param {object} parts
 * @param {string | URL | SocketLike} parts.signaling a URL, or a socket the application owns
 * @param {string[]} parts.names the server's messages
 * @param {(event: import('./loop.js').Event) => void} parts.dispatch
 */
export function createSocket({ signaling, names, dispatch }) {
  const own = typeof signaling === 'string' || signaling instanceof URL;
  /** @type {SocketLike | null} */
  let socket = null;
  /** @type {Map<string, (...args: any[]) => void>} */
  const listeners = new Map();
  listeners.set('connect', () => dispatch({ type: 'signalingOpened', socketId: socket?.id }));
  listeners.set('disconnect', (reason) =>
    dispatch({ type: 'signalingClosed', reason: String(reason) }));
  listeners.set('connect_error', ({ message }) =>
    dispatch({ type: 'signalingClosed', reason: String(message) }));
  for (const name of names) {
    listeners.set(name, (payload) => dispatch({ type: 'signalReceived', name, payload }));
  }

  /** @param {SocketLike} ready */
  function listen(ready) {
    if (socket === ready) return;
    socket = ready;
    for (const [name, listener] of listeners) ready.on(name, listener);
  }

  function close() {
    if (!socket) return;
    for (const [name, listener] of listeners) socket.off(name, listener);
    if (own) hangUp(socket);
    socket = null;
  }

  let opening = 0;
  const arms = {
    async openSignaling() {
      opening += 1;
      const mine = opening;
      try {
        const ready = socket ?? (own
          ? await connectTo(/** @type {string} */ (signaling))
          : /** @type {SocketLike} */ (signaling));
        if (mine !== opening) return;
        listen(ready);
        if (ready.connected) dispatch({ type: 'signalingOpened', socketId: ready.id });
        else ready.connect();
      } catch (error) {
        const reason = platformError(error).message;
        if (mine === opening) dispatch({ type: 'signalingClosed', reason });
      }
    },
    closeSignaling() {
      opening += 1;
      close();
    },
    /** @param {{op: number | null, name: string, payload: object}} action */
    emit({ op, name, payload }) {
      if (op === null) socket?.emit(name, payload);
      else {
        socket?.emit(name, payload, (/** @type {unknown} */ answer) =>
          dispatch({ type: ANSWERED[name], op, answer, name }));
      }
    },
  };
  return { arms, close };
}
