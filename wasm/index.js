// dvmeet-core: peer-to-peer video meetings.
import { MeetingError, platformError } from './error.js';
import { askForServers } from './ice-servers.js';
import { loadCore } from './load.js';
import { Meeting } from './meeting.js';
import { checkParts, platformOf } from './platform.js';
import { qualityOf } from './quality.js';
import { isStream } from './wishes.js';

export { meshBandwidth } from './bandwidth.js';
export { checkSupport } from './support.js';
export { Meeting, MeetingError };

/**
 * @typedef {import('./api.js').MeetingOptions} MeetingOptions
 * @typedef {import('./api.js').MeetingErrorCode} MeetingErrorCode
 * @typedef {import('./api.js').Snapshot} Snapshot
 * @typedef {import('./api.js').ParticipantView} ParticipantView
 * @typedef {import('./api.js').ChatMessage} ChatMessage
 * @typedef {import('./api.js').MeetingEvents} MeetingEvents
 * @typedef {import('./api.js').Support} Support
 * @typedef {import('./api.js').SupportFeature} SupportFeature
 * @typedef {import('./api.js').Signaling} Signaling
 * @typedef {import('./api.js').Clock} Clock
 * @typedef {import('./api.js').IceServers} IceServers
 * @typedef {import('./api.js').Limits} Limits
 * @typedef {import('./api.js').QualityOptions} QualityOptions
 * @typedef {import('./api.js').CaptureRow} CaptureRow
 * @typedef {import('./api.js').MeshBandwidth} MeshBandwidth
 * @typedef {import('./api.js').ConnectionState} ConnectionState
 * @typedef {import('./api.js').DeviceWish} DeviceWish
 * @typedef {import('./api.js').SlotView} SlotView
 * @typedef {import('./api.js').StreamKind} StreamKind
 * @typedef {import('./api.js').SlotName} SlotName
 * @typedef {import('./api.js').Quality} Quality
 * @typedef {import('./api.js').Stats} Stats
 * @typedef {import('./api.js').Flow} Flow
 * @typedef {import('./api.js').CandidateType} CandidateType
 * @typedef {import('./api.js').CandidateCounts} CandidateCounts
 * @typedef {import('./api.js').ChosenPair} ChosenPair
 * @typedef {import('./socket.js').SocketLike} SocketLike
 */

/** @param {MeetingOptions} options */
async function iceServersOf({ iceServers }) {
  try {
    return await askForServers(iceServers);
  } catch (cause) {
    throw new MeetingError('ice_servers_failed', 'The ICE servers could not be had: '
      + `${platformError(cause).message}. Mend the option iceServers.`, { cause });
  }
}

/** @param {MeetingOptions} options */
function checkPlatform(options) {
  const { RTCPeerConnection, MediaStream } = platformOf(options);
  const needed = { WebAssembly: globalThis.WebAssembly, RTCPeerConnection, MediaStream };
  const missing = Object.entries(needed).filter(([, there]) => !there).map(([name]) => name);
  if (missing.length > 0) {
    throw new MeetingError('unsupported_browser', `There is no ${missing.join(', no ')} here. `
      + 'Use a current Chrome, Edge, Firefox or Safari; elsewhere, hand in parts of your own.');
  }
  if (globalThis.isSecureContext === false && wantsDevices(options)) {
    throw new MeetingError('insecure_context', 'Browsers give camera and microphone only to pages '
      + 'served by https and to localhost. Serve this page by https.');
  }
}

/** @param {MeetingOptions} options */
const wantsDevices = ({ media, mediaDevices }) =>
  !mediaDevices && !isStream(media) && Boolean(media?.audio || media?.video);

/**
 * Loads the core and makes a meeting; nothing is joined yet, but wanted devices are being opened.
 * @param {MeetingOptions} [options]
 * @returns {Promise<Meeting>}
 * @throws {MeetingError} `unsupported_browser`, `insecure_context`, `core_unavailable`,
 *   `ice_servers_failed`, `bad_request`, `left`
 */
export async function createMeeting(options = {}) {
  checkParts(options);
  checkPlatform(options);
  const [core, servers] = await Promise.all([loadCore(options.wasm), iceServersOf(options)]);
  if (options.signal?.aborted) throw new MeetingError('left', 'It was called off on the way.');
  const seed = Math.floor(Math.random() * 2 ** 32);
  const { maxParticipants, quality, limits } = options;
  const config = { seed, maxParticipants, ...qualityOf(quality), ...limits, ...servers };
  const problem = core.configure(config);
  if (problem) throw new MeetingError('bad_request', `These options can't be used: ${problem}.`);
  return new Meeting(core, config, options);
}
