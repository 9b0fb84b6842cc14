// Carries out the core's actions on the person's own devices; owns the local tracks.
import { platformError } from './error.js';

/**
 * @typedef {'microphone' | 'camera' | 'screen'} Slot
 * @typedef {{track: MediaStreamTrack, isSupplied: boolean, onEnded: () => void}} Held
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
 * @param {typeof MediaStream} parts.MediaStream
 * @param {import('./platform.js').Devices} parts.devices
 * @param {(event: import('./loop.js').Event) => void} parts.dispatch
 * @param {(kind: 'camera' | 'screen') => void} parts.changed
 * @param {MediaTrackConstraints} parts.audio
 * @param {MediaTrackConstraints} parts.video
 */
export function createMedia({ MediaStream, devices, dispatch, changed, audio, video }) {
  /** @type {Map<string, Held>} */
  const held = new Map();
  /** @type {Partial<Record<Slot, MediaStreamTrack>>} what the application brought */
  const supplied = {};
  const streams = { camera: new MediaStream(), screen: new MediaStream() };
  let closed = false;

  /** @param {MediaRequest[]} requests */
  async function open(requests) {
    if (requests.some(({ slot }) => slot === 'screen')) {
      return devices().getDisplayMedia({ video: true, audio: false });
    }
    /** @type {MediaStreamConstraints} */
    const constraints = {};
    for (const { slot, deviceId } of requests) {
      const device = deviceId ? { deviceId: { exact: deviceId } } : {};
      if (slot === 'microphone') constraints.audio = { ...audio, ...device };
      else constraints.video = { ...VIDEO, ...video, ...device };
    }
    return devices().getUserMedia(constraints);
  }

  /**
   * @param {TrackId} id
   * @param {MediaStreamTrack} track
   * @param {boolean} isSupplied
   */
  function hold(id, track, isSupplied) {
    const onEnded = () => dispatch({ type: 'trackEnded', track: id });
    track.addEventListener('ended', onEnded);
    held.set(keyOf(id), { track, isSupplied, onEnded });
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
      hold({ slot, source: op }, /** @type {MediaStreamTrack} */ (supplied[slot]), true);
    }
    dispatch({ type: 'mediaAcquired', op, slots, supplied: true });
  }

  /**
   * @param {number} op
   * @param {MediaRequest[]} requests
   * @param {MediaStream} stream
   */
  function take(op, requests, stream) {
    if (closed) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    const slots = requests.map(({ slot }) => slot);
    for (const slot of slots) {
      const [track] = slot === 'microphone' ? stream.getAudioTracks() : stream.getVideoTracks();
      hold({ slot, source: op }, track, false);
    }
    dispatch({ type: 'mediaAcquired', op, slots });
  }

  const arms = {
    /** @param {{op: number, requests: MediaRequest[]}} action */
    acquireMedia({ op, requests }) {
      if (requests.every((request) => request.supplied)) {
        acquireSupplied(op, requests);
        return;
      }
      open(requests).then(
        (stream) => take(op, requests, stream),
        (error) => dispatch({ type: 'mediaFailed', op, error: platformError(error) }));
    },
    /** @param {{track: TrackId, stop: boolean}} action */
    releaseTrack({ track: id, stop }) {
      const found = held.get(keyOf(id));
      if (!found) return;
      const { track, onEnded } = found;
      held.delete(keyOf(id));
      track.removeEventListener('ended', onEnded);
      // The application may have brought the same track again, under the next operation.
      if ([...held.values()].some((other) => other.track === track)) return;
      if (stop) track.stop();
      streams[streamKind[id.slot]].removeTrack(track);
      changed(streamKind[id.slot]);
    },
  };

  return {
    arms,
    streams,
    /** @param {TrackId} id */
    trackOf: (id) => held.get(keyOf(id))?.track ?? null,
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
      for (const { track, isSupplied, onEnded } of held.values()) {
        track.removeEventListener('ended', onEnded);
        if (!isSupplied) track.stop();
      }
      held.clear();
    },
  };
}
