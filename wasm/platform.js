// What a meeting needs of the platform: the application's own parts, or the browser's.

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
