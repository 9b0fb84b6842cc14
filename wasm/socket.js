// Socket.IO as the way to the server: a socket of ours, or one that the application owns.
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
 * Shape:  listens to the socket while somebody listens to it; a socket of ours is made on opening
 *         and dropped on closing, the application's stays as it is.
 *
 * @param {string | URL | SocketLike} given a URL, or a socket the application owns
 * @param {string[]} names the server's messages
 * @returns {import('./api.js').Signaling}
 */
export function createSocketSignaling(given, names) {
  const own = typeof given === 'string' || given instanceof URL;
  /** @type {SocketLike | null} */
  let socket = own ? null : given;
  /** @type {Set<[string, (...args: any[]) => void]>} */
  const listeners = new Set();
  let attempt = 0;

  /**
   * @param {(...args: any[]) => void} handler
   * @returns {[string, (...args: any[]) => void][]}
   */
  const ofState = (handler) => [
    ['connect', () => handler('open')],
    ['disconnect', (reason) => handler('closed', String(reason))],
    ['connect_error', ({ message }) => handler('closed', String(message))],
  ];

  /**
   * @param {(...args: any[]) => void} handler
   * @returns {[string, (...args: any[]) => void][]}
   */
  const ofMessages = (handler) => names.map((name) => [name, (payload) => handler(name, payload)]);

  return {
    get state() {
      return socket?.connected ? 'open' : 'closed';
    },
    get id() {
      return socket?.id;
    },
    send(name, payload, answered) {
      if (answered) socket?.emit(name, payload, answered);
      else socket?.emit(name, payload);
    },
    on(event, /** @type {(...args: any[]) => void} */ handler) {
      const added = event === 'state' ? ofState(handler) : ofMessages(handler);
      for (const each of added) {
        listeners.add(each);
        socket?.on(...each);
      }
      return () => {
        for (const each of added) {
          listeners.delete(each);
          socket?.off(...each);
        }
      };
    },
    async open() {
      attempt += 1;
      const mine = attempt;
      try {
        if (!socket) {
          const made = await connectTo(/** @type {string} */ (given));
          if (mine !== attempt) return;
          socket = made;
          for (const each of listeners) made.on(...each);
        }
        socket.connect();
      } catch (error) {
        if (mine !== attempt) return;
        for (const [name, listener] of listeners) {
          if (name === 'connect_error') listener(platformError(error));
        }
      }
    },
    close() {
      attempt += 1;
      if (!own || !socket) return;
      hangUp(socket);
      socket = null;
    },
  };
}
