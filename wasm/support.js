// What this browser has of what a meeting needs.

/** Without one of these there is no meeting; the rest is missed by some. */
const NEEDED = ['secure context', 'WebAssembly', 'RTCPeerConnection', 'getUserMedia'];

/**
 * What this browser lacks for a meeting.
 * @returns {import('./api.js').Support}
 */
export function checkSupport() {
  const { isSecureContext, navigator, RTCPeerConnection, RTCRtpSender } = globalThis;
  const media = navigator?.mediaDevices;
  const isFunction = (/** @type {unknown} */ thing) => typeof thing === 'function';
  const features = {
    'secure context': Boolean(isSecureContext),
    WebAssembly: typeof WebAssembly === 'object',
    RTCPeerConnection: isFunction(RTCPeerConnection),
    getUserMedia: isFunction(media?.getUserMedia),
    getDisplayMedia: isFunction(media?.getDisplayMedia),
    enumerateDevices: isFunction(media?.enumerateDevices),
    replaceTrack: isFunction(RTCRtpSender?.prototype?.replaceTrack),
    RTCDataChannel: isFunction(RTCPeerConnection?.prototype?.createDataChannel),
    restartIce: isFunction(RTCPeerConnection?.prototype?.restartIce),
    WebSocket: isFunction(globalThis.WebSocket),
    AudioContext: isFunction(globalThis.AudioContext),
  };
  const missing = NEEDED.filter((name) => !features[/** @type {keyof typeof features} */ (name)]);
  return { ok: missing.length === 0, missing, features, canShareScreen: features.getDisplayMedia };
}
