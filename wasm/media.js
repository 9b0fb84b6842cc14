// Carries out the core's actions on the person's own devices; owns the local tracks.
import { platformError, regardless } from './error.js';

/**
 * @typedef {'microphone' | 'camera' | 'screen'} Slot
 * @typedef {{track: MediaStreamTrack, isSupplied: boolean, unlisten: () => void}} Held
 * @typedef {{slot: Slot, source: number}} TrackId
 * @typedef {{slot: Slot, deviceId: string | null, supplied: boolean}} MediaRequest
 * @typedef {ReturnType<import('./platform.js').Devices>} Source
 */

/** Good for a mesh of some people; the core has it changed to what fits those who are there. */
const VIDEO = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24 } };

/** As many as the core reads. */
const MAX_DEVICES = 64;
/** @type {Partial<Record<MediaDeviceKind, Slot>>} */
const SLOT_OF = { audioinput: 'microphone', videoinput: 'camera' };
/** @type {Record<string, string>} */
const TRACK_EVENTS = { ended: 'trackEnded', mute: 'trackMuted', unmute: 'trackUnmuted' };

const keyOf = (/** @type {TrackId} */ { slot, source }) => `${slot}:${source}`;

/** What a camera gives now; 0 where the browser doesn't tell. @param {MediaStreamTrack} track */
function pictureOf(track) {
  const { width, height, frameRate } = track.getSettings?.() ?? {};
  const whole = (/** @type {number | undefined} */ value) => Math.round(value ?? 0) || 0;
  return { width: whole(width), height: whole(height), frameRate: whole(frameRate) };
}

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
  /** @type {{source: MediaDevices} | undefined} */
  let watching;

  async function listDevices() {
    const mine = watching;
    if (!mine) return;
    const found = await mine.source.enumerateDevices().catch(() => null);
    if (!found || mine !== watching) return;
    const named = found.filter(({ kind }) => SLOT_OF[kind]).slice(0, MAX_DEVICES)
      .map(({ kind, deviceId }) => ({ slot: SLOT_OF[kind], deviceId }));
    dispatch({ type: 'devicesChanged', devices: named });
  }

  function unwatch() {
    watching?.source.removeEventListener?.('devicechange', listDevices);
    watching = undefined;
  }

  /** What a page that isn't secure, or a phone, may lack. @param {keyof Source} name */
  function having(name) {
    const found = devices();
    if (found?.[name]) return found;
    throw new DOMException(globalThis.isSecureContext === false
      ? 'Browsers give devices only to pages served by https and to localhost.'
      : `There is no ${name}() here.`, 'NotSupportedError');
  }

  /** @param {MediaRequest[]} requests */
  async function open(requests) {
    if (requests.some(({ slot }) => slot === 'screen')) {
      return having('getDisplayMedia').getDisplayMedia({ video: true, audio: false });
    }
    /** @type {MediaStreamConstraints} */
    const constraints = {};
    for (const { slot, deviceId } of requests) {
      const device = deviceId ? { deviceId: { exact: deviceId } } : {};
      if (slot === 'microphone') constraints.audio = { ...audio, ...device };
      else constraints.video = { ...VIDEO, ...video, ...device };
    }
    return having('getUserMedia').getUserMedia(constraints);
  }

  /**
   * @param {TrackId} id
   * @param {MediaStreamTrack} track
   * @param {boolean} isSupplied
   */
  function hold(id, track, isSupplied) {
    const listener = (/** @type {globalThis.Event} */ { type }) =>
      dispatch({ type: TRACK_EVENTS[type], track: id });
    for (const name of Object.keys(TRACK_EVENTS)) track.addEventListener(name, listener);
    const unlisten = () => {
      for (const name of Object.keys(TRACK_EVENTS)) track.removeEventListener(name, listener);
    };
    held.set(keyOf(id), { track, isSupplied, unlisten });
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
    tellAcquired(op, slots, true);
  }

  /**
   * @param {number} op
   * @param {Slot[]} slots
   * @param {boolean} isSupplied
   */
  function tellAcquired(op, slots, isSupplied) {
    const tracks = slots.map((slot) =>
      /** @type {Held} */ (held.get(keyOf({ slot, source: op }))).track);
    const deviceIds = tracks.map((track) => track.getSettings?.().deviceId ?? '');
    dispatch({ type: 'mediaAcquired', op, slots, supplied: isSupplied, deviceIds });
    for (const [index, slot] of slots.entries()) {
      const id = { slot, source: op };
      if (tracks[index].muted) dispatch({ type: 'trackMuted', track: id });
      // Nobody asked it for a size, so that none would be told.
      if (isSupplied && slot === 'camera') {
        dispatch({ type: 'constraintsApplied', track: id, ...pictureOf(tracks[index]) });
      }
    }
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
    const slots = requests.map(({ slot }) => slot).filter((slot) => {
      const [track] = slot === 'microphone' ? stream.getAudioTracks() : stream.getVideoTracks();
      if (track) hold({ slot, source: op }, track, false);
      return Boolean(track);
    });
    tellAcquired(op, slots, false);
    listDevices(); // the browser may not have named any before
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
    /** @param {{track: TrackId, width: number, height: number, frameRate: number}} action */
    applyConstraints({ track: id, width, height, frameRate }) {
      const track = held.get(keyOf(id))?.track;
      if (!track) return;
      // They replace those it was opened with; what the application asks for goes on to count.
      const constraints = {
        width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: frameRate },
        ...video,
      };
      const attempt = async () => track.applyConstraints(constraints);
      attempt().then(
        () => dispatch({ type: 'constraintsApplied', track: id, ...pictureOf(track) }),
        (error) => dispatch({ type: 'constraintsFailed', track: id, error: platformError(error) }));
    },
    /** @param {{track: TrackId, stop: boolean}} action */
    releaseTrack({ track: id, stop }) {
      const found = held.get(keyOf(id));
      if (!found) return;
      const { track, unlisten } = found;
      held.delete(keyOf(id));
      unlisten();
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
    /** Tells the core of the devices there are, until `unwatch()`. */
    watch() {
      unwatch();
      // Pages that aren't secure have none; what an application brings may do less.
      const source = /** @type {any} */ (devices());
      if (!source?.enumerateDevices) return;
      watching = { source };
      source.addEventListener?.('devicechange', listDevices);
      listDevices();
    },
    unwatch,
    /** Stops what is ours, whatever the core still thinks. */
    close() {
      closed = true;
      for (const { track, isSupplied, unlisten } of held.values()) {
        regardless(unlisten);
        if (!isSupplied) regardless(() => track.stop());
      }
      held.clear();
    },
  };
}
