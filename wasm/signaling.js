// Carries out the core's signaling actions on whatever carries messages to the server.
import { platformError, regardless } from './error.js';
import { createSocketSignaling } from './socket.js';

/** @typedef {import('./api.js').Signaling} Signaling */

/** The event that an acknowledgement of a message becomes. @type {Record<string, string>} */
const ANSWERED = {
  'join-room': 'joinAnswered',
  heartbeat: 'heartbeatAnswered',
  'send-message': 'chatAnswered',
  'get-ice-servers': 'iceServersAnswered',
};

/** What a carrier without addresses of its own is called, among servers that give none either. */
const NAMELESS = 'self';

/** @param {unknown} given @returns {given is Signaling} */
export const isSignaling = (given) => typeof (/** @type {any} */ (given)?.state) === 'string';

/**
 * @param {object} parts
 * @param {import('./api.js').MeetingOptions['signaling']} parts.signaling
 * @param {string[]} parts.names the server's messages
 * @param {(event: import('./loop.js').Event) => void} parts.dispatch
 */
export function createSignaling({ signaling: given = '', names, dispatch }) {
  const signaling = isSignaling(given) ? given : createSocketSignaling(given, names);
  /** @type {(() => void)[]} */
  let stops = [];

  /** How often it closed; what a call of before says later is no news. */
  let closings = 0;

  /** @param {string} reason */
  function closed(reason) {
    closings += 1;
    dispatch({ type: 'signalingClosed', reason });
  }

  /** Where it throws, or rejects, it is as good as closed. @param {() => unknown} call */
  async function attempt(call) {
    const before = closings;
    try {
      await call();
    } catch (error) {
      if (closings === before) closed(platformError(error).message);
    }
  }

  const opened = () =>
    dispatch({ type: 'signalingOpened', socketId: signaling.id ?? NAMELESS });

  function listen() {
    if (stops.length > 0) return;
    stops = [
      signaling.on('message', (name, payload) =>
        dispatch({ type: 'signalReceived', name, payload })),
      signaling.on('state', (state, reason = '') => {
        if (state === 'open') opened();
        if (state === 'closed') closed(String(reason));
      }),
    ];
  }

  function close() {
    if (stops.length === 0) return;
    for (const stop of stops) regardless(() => stop?.());
    stops = [];
    closings += 1;
    regardless(() => signaling.close?.());
  }

  const arms = {
    openSignaling: () => attempt(() => {
      listen();
      return signaling.state === 'open' ? opened() : signaling.open?.();
    }),
    closeSignaling: close,
    /** @param {{op: number | null, name: string, payload: object}} action */
    emit: ({ op, name, payload }) => attempt(() => (op === null
      ? signaling.send(name, payload)
      : signaling.send(name, payload, (answer) =>
        dispatch({ type: ANSWERED[name], op, answer, name })))),
  };
  return { arms, close };
}
