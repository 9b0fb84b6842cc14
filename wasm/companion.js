// Signaling beside an application that joins and leaves its room itself, on a socket of its own.

/** @typedef {import('./socket.js').SocketLike} SocketLike */

/** What is said between pairs; everything else the application says itself. */
const OWN = new Set(['offer', 'answer', 'ice-candidate']);

/** What is heard; the application hears the rest. */
const HEARD = [...OWN, 'participants-list', 'user-joined', 'user-left', 'participant-left'];

/** What dvMeet's messages hold: as a client of ours the room doesn't know this one. */
const PLAIN = new Set(['roomId', 'targetId', 'fromId', 'sdp', 'candidate', 'socketId', 'userName',
  'isMuted', 'isVideoOff']);

/** @param {unknown} payload @returns {any} */
function asPlain(payload) {
  if (Array.isArray(payload)) return payload.map(asPlain);
  if (typeof payload !== 'object' || payload === null) return payload;
  return Object.fromEntries(Object.entries(payload).filter(([name]) => PLAIN.has(name)));
}

/**
 * Shape:  asks who is in the room where a meeting would join it, and keeps to itself what else a
 *         meeting says; opens and closes nothing.
 *
 * @param {SocketLike} socket
 * @returns {import('./api.js').Signaling}
 */
export function createCompanion(socket) {
  /** @param {[string, (...args: any[]) => void][]} added */
  function listen(added) {
    for (const each of added) socket.on(...each);
    return () => {
      for (const each of added) socket.off(...each);
    };
  }

  return {
    get state() {
      return socket.connected ? 'open' : 'closed';
    },
    get id() {
      return socket.id;
    },
    send(name, payload) {
      const { roomId } = /** @type {{roomId?: string}} */ (payload);
      if (name === 'join-room') socket.emit('get-users', { roomId });
      else if (OWN.has(name)) socket.emit(name, asPlain(payload));
    },
    on(event, /** @type {(...args: any[]) => void} */ handler) {
      if (event === 'state') {
        return listen([
          ['connect', () => handler('open')],
          ['disconnect', (reason) => handler('closed', reason)],
        ]);
      }
      return listen([
        ...HEARD.map((name) => /** @type {[string, (payload: unknown) => void]} */ ([
          name, (payload) => handler(name, asPlain(payload))])),
        ['room-users', (list) => handler('participants-list', asPlain(list))],
      ]);
    },
  };
}
