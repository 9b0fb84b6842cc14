// What a meeting needs of the platform: the application's own parts, or the browser's.
import { MeetingError } from './error.js';
import { isSignaling } from './signaling.js';

/**
 * @typedef {() => Pick<MediaDevices, 'getUserMedia' | 'getDisplayMedia'>} Devices asked for when
 *   they are needed: an insecure page has none
 */

/** @param {import('./api.js').MeetingOptions} options */
export const platformOf = (options) => ({
  RTCPeerConnection: options.RTCPeerConnection ?? globalThis.RTCPeerConnection,
  MediaStream: options.MediaStream ?? globalThis.MediaStream,
  /** @type {Devices} */
  devices: () => options.mediaDevices ?? globalThis.navigator?.mediaDevices,
});

/** @param {any} given @param {string[]} names */
const has = (given, ...names) => names.every((name) => typeof given?.[name] === 'function');

/** @param {any} given */
const isClass = (given) => given == null || typeof given === 'function';

/**
 * Looks at the parts that the application brings before any of them is used.
 * @param {import('./api.js').MeetingOptions} options
 * @throws {MeetingError} `bad_request`
 */
export function checkParts(options) {
  if (typeof options !== 'object' || options === null) refuse('options', 'an object');
  const { signaling = '', clock, RTCPeerConnection, MediaStream } = options;
  const isCarrier = typeof signaling === 'string' || signaling instanceof URL
    || has(signaling, 'on', ...(isSignaling(signaling) ? ['send'] : ['off', 'emit', 'connect']));
  if (!isCarrier) refuse('signaling', 'an address, a Socket.IO socket or a Signaling');
  if (clock != null && !has(clock, 'now', 'setTimeout', 'clearTimeout')) refuse('clock', 'a Clock');
  if (!isClass(RTCPeerConnection)) refuse('RTCPeerConnection', 'a class');
  if (!isClass(MediaStream)) refuse('MediaStream', 'a class');
}

/** @param {string} name @param {string} expected */
function refuse(name, expected) {
  throw new MeetingError('bad_request', `These options can't be used: ${name} is not ${expected}.`);
}
