// dvmeet-core: peer-to-peer video meetings.
import { MeetingError } from './error.js';
import { loadCore } from './load.js';
import { Meeting } from './meeting.js';

export { Meeting, MeetingError };

/**
 * @typedef {import('./api.js').MeetingOptions} MeetingOptions
 * @typedef {import('./api.js').Snapshot} Snapshot
 * @typedef {import('./api.js').ParticipantView} ParticipantView
 * @typedef {import('./api.js').ChatMessage} ChatMessage
 * @typedef {import('./api.js').MeetingEvents} MeetingEvents
 * @typedef {import('./api.js').Support} Support
 */

/** @param {RTCIceServer[]} servers */
const asLists = (servers) => servers.map(({ urls, username, credential }) => (
  { urls: [urls].flat(), username, credential }));

/**
 * Loads the core and makes a meeting; nothing is joined yet, but wanted devices are being opened.
 * @param {MeetingOptions} [options]
 * @returns {Promise<Meeting>}
 * @throws {MeetingError} `core_unavailable`, `bad_request`
 */
export async function createMeeting(options = {}) {
  const { iceServers = [], limits = {}, wasm } = options;
  const [module, servers] = await Promise.all([
    loadCore(wasm), typeof iceServers === 'function' ? iceServers() : iceServers,
  ]);
  const seed = Math.floor(Math.random() * 2 ** 32);
  const config = { seed, ...limits, iceServers: asLists(servers) };
  const core = new module.MeetingCore(config);
  const problem = core.problem();
  if (problem) throw new MeetingError('bad_request', `These options can't be used: ${problem}.`);
  return new Meeting(module, core, config, options);
}

/**
 * What this browser lacks for a meeting.
 * @returns {Support}
 */
export function checkSupport() {
  const media = globalThis.navigator?.mediaDevices;
  const present = {
    'secure context': globalThis.isSecureContext,
    WebAssembly: typeof WebAssembly === 'object',
    RTCPeerConnection: typeof RTCPeerConnection === 'function',
    getUserMedia: typeof media?.getUserMedia === 'function',
  };
  const missing = Object.entries(present).filter(([, there]) => !there).map(([name]) => name);
  return {
    ok: missing.length === 0,
    missing,
    canShareScreen: typeof media?.getDisplayMedia === 'function',
  };
}
