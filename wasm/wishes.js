// What an application wants of the devices, as the core is told.

/**
 * @typedef {import('./api.js').DeviceWish} DeviceWish
 * @typedef {import('./media.js').Slot} Slot
 */

/**
 * @param {Slot} slot
 * @param {DeviceWish | undefined} wish
 */
export const wishOf = (slot, wish) => ({
  slot, wanted: Boolean(wish), deviceId: typeof wish === 'string' ? wish : null,
});

/** @param {DeviceWish | undefined} wish */
export const constraintsOf = (wish) => (typeof wish === 'object' ? wish : {});

/** @param {unknown} media @returns {media is MediaStream} */
export const isStream = (media) =>
  typeof (/** @type {any} */ (media)?.getTracks) === 'function';

/**
 * The tracks of an application's own stream, by the slot each is for.
 * @param {MediaStream} stream
 * @returns {[Slot, MediaStreamTrack | undefined][]}
 */
export const tracksBySlot = (stream) => [
  ['microphone', stream.getAudioTracks()[0]], ['camera', stream.getVideoTracks()[0]],
];
