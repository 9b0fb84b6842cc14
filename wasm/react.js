// React hooks: a meeting as state of a component. React 18 and later.
import {
  createElement, useCallback, useEffect, useRef, useState, useSyncExternalStore,
} from 'react';

import { createMeeting } from './index.js';
import { emptySnapshot } from './snapshot.js';
import { isStream } from './wishes.js';

export { usePeerConnections } from './react-peers.js';

/**
 * @typedef {import('./index.js').Meeting} Meeting
 * @typedef {import('./react-peers.js').PeerConnections} PeerConnections
 * @typedef {import('./index.js').MeetingError} MeetingError
 * @typedef {import('./api.js').Snapshot} Snapshot
 * @typedef {import('./api.js').MeetingOptions & {
 *   room: string,
 *   autoJoin?: boolean,
 * }} UseMeetingOptions `autoJoin: false` leaves joining to the component, as a lobby does
 * @typedef {object} UseMeeting
 * @property {Meeting | null} meeting once it is made
 * @property {Snapshot} snapshot what a person sees; `idle` while there is no meeting
 * @property {MeetingError | null} error the latest: it could not be made or joined, or said so
 * @typedef {{
 *   meeting: Meeting, participantId: string, kind?: 'camera' | 'screen'
 * } & import('react').VideoHTMLAttributes<HTMLVideoElement>} VideoTileProperties
 */

const IDLE = emptySnapshot('idle');
const nobody = () => {};

/**
 * A meeting that lives as long as the component, or until room or signaling change. A new name
 * renames, a new stream in `media` is sent instead; other options count when it is made.
 * @param {UseMeetingOptions} options
 * @returns {UseMeeting}
 */
export function useMeeting(options) {
  const { room, name, media } = options;
  const signaling = options.signaling instanceof URL
    ? String(options.signaling) : options.signaling;
  const latest = useRef(options);
  const [meeting, setMeeting] = useState(/** @type {Meeting | null} */ (null));
  const [error, setError] = useState(/** @type {MeetingError | null} */ (null));

  useEffect(() => { latest.current = options; });

  useEffect(() => {
    let isOver = false;
    /** @type {Meeting | null} */
    let made = null;
    const tell = (/** @type {any} */ problem) => { if (!isOver) setError(problem); };

    async function start() {
      // StrictMode mounts, unmounts and mounts again in one go: the first time opens nothing.
      await null;
      if (isOver) return;
      made = await createMeeting(latest.current);
      if (isOver) {
        await made.leave();
        return;
      }
      made.on('error', tell);
      setError(null);
      setMeeting(made);
      if (latest.current.autoJoin ?? true) await made.join();
    }

    start().catch(tell);
    return () => {
      isOver = true;
      setMeeting(null);
      made?.leave();
    };
  }, [room, signaling]);

  useEffect(() => {
    if (meeting && isStream(media)) meeting.updateStream(media);
  }, [meeting, isStream(media) ? media : null]);

  useEffect(() => {
    const known = meeting?.snapshot.self.name;
    if (known && name && known !== name) meeting?.rename(name);
  }, [meeting, name]);

  const subscribe = useCallback((/** @type {() => void} */ changed) =>
    meeting?.on('change', changed) ?? nobody, [meeting]);
  const snapshot = useSyncExternalStore(subscribe, () => meeting?.snapshot ?? IDLE, () => IDLE);
  return { meeting, snapshot, error };
}

/**
 * The video of one participant, unstyled; further properties are the element's. One's own is muted.
 * @param {VideoTileProperties} properties
 * @returns {import('react').ReactElement}
 */
export function VideoTile(properties) {
  const { meeting, participantId, kind = 'camera', ...rest } = properties;
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const subscribe = useCallback((/** @type {() => void} */ changed) =>
    meeting.on('track', changed), [meeting]);
  const stream = useSyncExternalStore(subscribe,
    () => meeting.streamOf(participantId, kind), () => null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return createElement('video', {
    autoPlay: true, playsInline: true, muted: participantId === meeting.snapshot.self.id,
    ...rest, ref: video,
  });
}
