// Tells a sender how its picture is to be sent, in the words that its browser knows.

/** @typedef {'motion' | 'detail'} Preference what a picture gives up last */

/** @type {Record<Preference, string>} */
const DEGRADATION = { motion: 'maintain-framerate', detail: 'maintain-resolution' };

/**
 * A browser passes over what it doesn't know, such as `degradationPreference`.
 * Spec: webrtc-pc setParameters(), webrtc-extensions, mst-content-hint.
 * @param {RTCRtpSender} sender
 * @param {object} encoding
 * @param {boolean} encoding.active
 * @param {number} encoding.maxBitrateBps
 * @param {number} encoding.scaleDownPermille
 * @param {number} encoding.maxFrameRate
 * @param {Preference} encoding.prefers
 */
export function setEncoding(sender, {
  active, maxBitrateBps, scaleDownPermille, maxFrameRate, prefers,
}) {
  hint(sender.track, prefers);
  /** @type {any} */
  const parameters = sender.getParameters();
  // Some browsers name none before the first description.
  const [first, ...others] = parameters.encodings ?? [];
  parameters.encodings = [{
    ...first,
    active,
    maxBitrate: maxBitrateBps,
    scaleResolutionDownBy: scaleDownPermille / 1000,
    maxFramerate: maxFrameRate,
  }, ...others];
  parameters.degradationPreference = DEGRADATION[prefers];
  return sender.setParameters(parameters);
}

/**
 * Other connections send the same track, and each hint that is set makes their encoders begin anew.
 * What an application says of its own track stays.
 * @param {MediaStreamTrack | null} track
 * @param {Preference} prefers
 */
function hint(track, prefers) {
  if (track?.contentHint === '') track.contentHint = prefers;
}
