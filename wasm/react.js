// React hooks: a meeting as state of a component. React 18 and later.
import {
  createElement, forwardRef, useCallback, useEffect, useImperativeHandle, useRef, useState,
  useSyncExternalStore,
} from 'react';

import { createMeeting } from './index.js';
import { useRounds } from './react-rounds.js';
import { watchSize } from './react-tiles.js';
import { emptySnapshot } from './snapshot.js';
import { isStream } from './wishes.js';

export { usePeerConnections } from './react-peers.js';

/**
 * @typedef {import('./index.js').Meeting} Meeting
 * @typedef {import('./react-peers.js').PeerConnections} PeerConnections
 * @typedef {import('./react-peers.js').PeerConnectionsOptions} PeerConnectionsOptions
 * @typedef {import('./index.js').MeetingError} MeetingError
 * @typedef {import('./api.js').Snapshot} Snapshot
 * @typedef {Omit<import('./api.js').MeetingOptions, 'signal'> & {
 *   room: string,
 *   autoJoin?: boolean,
 * }} UseMeetingOptions `autoJoin: false` leaves joining to the component, as a lobby does
 * @typedef {object} UseMeeting
 * @property {Meeting | null} meeting once it is made
 * @property {Snapshot} snapshot what a person sees; `idle` while there is no meeting
 * @property {MeetingError | null} error why it could not be made or joined, or what ended it, until
 *   it is joined; what is wrong with a pair or a device stands in the snapshot
 * @property {() => void} restart begins anew, as after `core_crashed`
 * @typedef {{
 *   meeting: Meeting, participantId: string, kind?: import('./api.js').StreamKind
 * } & import('react').VideoHTMLAttributes<HTMLVideoElement>} VideoTileProperties
 */

const IDLE = emptySnapshot('idle');
const nobody = () => {};

/**
 * A meeting that lives as long as the component, or until room or signaling change. Unless it was
 * left, it begins anew on a page that comes back from the browser's cache. A new name renames, a
 * new stream in `media` is sent instead; other options count when it is made.
 * @param {UseMeetingOptions} options
 * @returns {UseMeeting}
 */
export function useMeeting(options) {
  const { room, name, media } = options;
  const signaling = options.signaling instanceof URL
    ? String(options.signaling) : options.signaling;
  const latest = useRef(options);
  const [meeting, setMeeting] = useState(/** @type {Meeting | null} */ (null));
  const [round, restart] = useRounds(() => meeting?.snapshot.connection !== 'left');
  const [error, setError] = useState(/** @type {MeetingError | null} */ (null));

  useEffect(() => { latest.current = options; });

  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    /** @type {Meeting | null} */
    let made = null;
    const tell = (/** @type {any} */ problem) => {
      if (!signal.aborted && problem.code !== 'left') setError(problem);
    };

    async function start() {
      // StrictMode mounts, unmounts and mounts again in one go: the first time opens nothing.
      await null;
      if (signal.aborted) return;
      const current = await createMeeting({ ...latest.current, signal });
      made = current;
      if (signal.aborted) {
        await made.leave();
        return;
      }
      made.on('error', (problem) => { if (current.snapshot.connection === 'left') tell(problem); });
      made.on('change', ({ connection }) => { if (connection === 'joined') setError(null); });
      setMeeting(made);
      if (latest.current.autoJoin ?? true) await made.join();
    }

    start().catch(tell);
    return () => {
      ending.abort();
      setMeeting(null);
      setError(null);
      made?.leave();
    };
  }, [room, signaling, round]);

  useEffect(() => {
    if (meeting && isStream(media)) meeting.updateStream(media);
  }, [meeting, isStream(media) ? media : null]);

  useEffect(() => {
    if (!meeting || !name || meeting.snapshot.self.name === name) return;
    try {
      meeting.rename(name);
    } catch (problem) {
      setError(/** @type {MeetingError} */ (problem)); // thrown, it would take the page down
    }
  }, [meeting, name]);

  const subscribe = useCallback((/** @type {() => void} */ changed) =>
    meeting?.on('change', changed) ?? nobody, [meeting]);
  const snapshot = useSyncExternalStore(subscribe, () => meeting?.snapshot ?? IDLE, () => IDLE);
  return { meeting, snapshot, error, restart };
}

/**
 * @param {VideoTileProperties} properties
 * @param {import('react').ForwardedRef<HTMLVideoElement>} ref
 */
function renderTile(properties, ref) {
  const { meeting, participantId, kind = 'camera', ...rest } = properties;
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  useImperativeHandle(ref, () => /** @type {HTMLVideoElement} */ (video.current));
  const subscribe = useCallback((/** @type {() => void} */ changed) =>
    meeting.on('track', changed), [meeting]);
  const stream = useSyncExternalStore(subscribe,
    () => meeting.streamOf(participantId, kind), () => null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  const isSelf = participantId === meeting.snapshot.self.id;
  useEffect(() => (video.current && !isSelf
    ? watchSize(video.current, meeting, participantId, kind) : undefined),
  [meeting, participantId, kind, isSelf]);
  return createElement('video', {
    autoPlay: true, playsInline: true, muted: isSelf, ...rest, ref: video,
  });
}

/**
 * The video of one participant, unstyled; further properties, and a `ref`, are the element's. One's
 * own is muted; how large another's is shown is told to the meeting.
 * @type {import('react').ForwardRefExoticComponent<
 *   VideoTileProperties & import('react').RefAttributes<HTMLVideoElement>>}
 */
export const VideoTile = /* @__PURE__ */ forwardRef(renderTile);
