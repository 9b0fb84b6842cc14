// Carries out the core's actions on the person's own devices; owns the local tracks.
import { platformError } from './error.js';

/**
 * @typedef {'microphone' | 'camera' | 'screen'} Slot
 * @typedef {{slot: Slot, source: number}} TrackId
 * @typedef {{slot: Slot, deviceId: string | null, supplied: boolean}} MediaRequest
 */

/** Good for a mesh of some people; more pixels come when there is a budget for them. */
const VIDEO = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24 } };

const keyOf = (/** @type {TrackId} */ { slot, source }) => `${slot}:${source}`;

/** Which of a participant's two streams a slot is part of. */
export const streamKind = Object.freeze({
  microphone: 'camera', camera: 'camera', screen: 'screen',
});

/**
 * @param {object} parts
 * @param {(event: object) => void} parts.dispatch
 * @param {(kind: 'camera' | 'screen') => void} parts.changed
 * @param {MediaTrackConstraints} parts.audio
 * @param {MediaTrackConstraints} parts.video
 */
export function createMedia({ dispatch, changed, audio, video }) {
  /** @type {Map<string, MediaStreamTrack>} */
  const tracks = new Map();
  /** @type {Partial<Record<Slot, MediaStreamTrack>>} what the application brought */
  const supplied = {};
  const streams = { camera: new MediaStream(), screen: new MediaStream() };
  let closed = false;

  /** @param {MediaRequest[]} requests */
  async function open(requests) {
    if (requests.some(({ slot }) => slot === 'screen')) {
      return navigator.mediaDevices.getDisplayMedia({ video: true, audio: false });
    }
    /** @type {MediaStreamConstraints} */
    const constraints = {};
    for (const { slot, deviceId } of requests) {
      const device = deviceId ? { deviceId: { exact: deviceId } } : {};
      if (slot === 'microphone') constraints.audio = { ...audio, ...device };
      else constraints.video = { ...VIDEO, ...video, ...device };
    }
    return navigator.mediaDevices.getUserMedia(constraints);
  }

  /**
   * @param {TrackId} id
   * @param {MediaStreamTrack} track
   */
  function hold(id, track) {
    tracks.set(keyOf(id), track);
    track.onended = () => dispatch({ type: 'trackEnded', track: id });
    streams[streamKind[id.slot]].addTrack(track);
    changed(streamKind[id.slot]);
  }

  /**
   * @param {number} op
   * @param {MediaRequest[]} requests
   */
  function acquireSupplied(op, requests) {
    const slots = requests.map(({ slot }) => slot);
    for (const slot of slots) {
      hold({ slot, source: op }, /** @type {MediaStreamTrack} */ (supplied[slot]));
    }
    dispatch({ type: 'mediaAcquired', op, slots, supplied: true });
  }

  const arms = {
    /** @param {{op: number, requests: MediaRequest[]}} action */
    acquireMedia({ op, requests }) {
      if (requests.every((request) => request.supplied)) {
        acquireSupplied(op, requests);
        return;
      }
      open(requests).then((stream) => {
        if (closed) {
          for (const track of stream.getTracks()) track.stop();
          return;
        }
        for (const { slot } of requests) {
          const [track] = slot === 'microphone' ? stream.getAudioTracks() : stream.getVideoTracks();
          hold({ slot, source: op }, track);
        }
        dispatch({ type: 'mediaAcquired', op, slots: requests.map(({ slot }) => slot) });
      }).catch((error) => dispatch({ type: 'mediaFailed', op, error: platformError(error) }));
    },
    /** @param {{track: TrackId, stop: boolean}} action */
    releaseTrack({ track: id, stop }) {
      const track = tracks.get(keyOf(id));
      if (!track) return;
      tracks.delete(keyOf(id));
      // The application may have brought the same track again, under the next operation.
      if ([...tracks.values()].includes(track)) return;
      track.onended = null;
      if (stop) track.stop();
      streams[streamKind[id.slot]].removeTrack(track);
      changed(streamKind[id.slot]);
    },
  };

  return {
    arms,
    streams,
    /** @param {TrackId} id */
    trackOf: (id) => tracks.get(keyOf(id)) ?? null,
    /**
     * @param {Slot} slot
     * @param {MediaStreamTrack} track
     */
    supply(slot, track) {
      supplied[slot] = track;
    },
    /** Stops what is ours, whatever the core still thinks. */
    close() {
      closed = true;
      const borrowed = new Set(Object.values(supplied));
      for (const track of tracks.values()) {
        track.onended = null;
        if (!borrowed.has(track)) track.stop();
      }
      tracks.clear();
    },
  };
}
