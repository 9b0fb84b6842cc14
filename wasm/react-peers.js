// The hook that dvMeet's frontend has, on this core: peers' streams beside an application's own
// socket, room and media.
import { useCallback, useEffect, useRef, useState } from 'react';

import { createCompanion } from './companion.js';
import { createMeeting } from './index.js';
import { useRounds } from './react-rounds.js';

/** As many as a meeting can be told to take. */
const MOST = 128;

/**
 * @typedef {import('./index.js').Meeting} Meeting
 * @typedef {import('./socket.js').SocketLike} SocketLike
 * @typedef {Omit<import('./api.js').MeetingOptions, 'room' | 'name' | 'signaling' | 'media'
 *   | 'mediaDevices' | 'maxParticipants' | 'signal'>} PeerConnectionsOptions as of
 *   `createMeeting()`: ICE servers, further configuration, the place of the module, parts of one's
 *   own
 * @typedef {object} PeerConnections
 * @property {Record<string, MediaStream>} peerStreams by the socket id of whom it comes from
 * @property {(stream: MediaStream) => void} updatePeerStreams sends this stream's tracks instead
 * @property {boolean} isConnecting until it is known who is in the room
 * @property {string | null} connectionError why there is no meeting; one peer's failure is none
 * @property {() => void} restart makes all connections anew, as after an error
 */

/** @param {Meeting} meeting @returns {Record<string, MediaStream>} */
function streamsOf(meeting) {
  const others = meeting.snapshot.participants.filter(({ isSelf, connection }) =>
    !isSelf && (connection === 'connected' || connection === 'reconnecting'));
  return Object.fromEntries(others.flatMap(({ id }) => {
    const stream = meeting.streamOf(id);
    return stream ? [[id, stream]] : [];
  }));
}

/** @param {Record<string, MediaStream>} one @param {Record<string, MediaStream>} other */
const isSame = (one, other) => Object.keys(one).length === Object.keys(other).length
  && Object.entries(one).every(([id, stream]) => other[id] === stream);

/** What says that the socket is in a room; one it is let into late is joined late. */
const LISTS = ['participants-list', 'room-users'];

/**
 * Shape: `onStreams` is told each change, `onBegun` when it is asked who is in the room,
 *        `onSettled` when that is known or why it isn't.
 * @param {object} parts
 * @param {SocketLike} parts.socket
 * @param {string} parts.room
 * @param {() => PeerConnectionsOptions} parts.options
 * @param {() => MediaStream} parts.media
 * @param {(meeting: Meeting) => void} parts.onMeeting
 * @param {(streams: Record<string, MediaStream>) => void} parts.onStreams
 * @param {() => void} parts.onBegun
 * @param {(error: string | null) => void} parts.onSettled
 * @returns {() => void} ends it
 */
function accompany({
  socket, room, options, media, onMeeting, onStreams, onBegun, onSettled,
}) {
  let isOver = false;
  /** @type {Meeting | null} */
  let meeting = null;

  const settle = (/** @type {any} */ problem) => {
    if (!isOver && problem?.code !== 'left') onSettled(problem?.message ?? null);
  };

  function enter() {
    if (!socket.connected || meeting?.snapshot.connection !== 'idle') return;
    onBegun();
    meeting.join().then(settle, settle);
  }

  function resume() {
    enter();
    if (meeting?.snapshot.connection === 'reconnecting') meeting.reconnect();
  }

  async function start() {
    // StrictMode mounts, unmounts and mounts again in one go: the first time connects nothing.
    await null;
    if (isOver) return;
    const given = media();
    const made = await createMeeting({
      ...options(), room, name: 'dvMeet', signaling: createCompanion(socket), media: given,
      maxParticipants: MOST, // whom the application lets in is its own matter
    });
    if (isOver) {
      await made.leave();
      return;
    }
    meeting = made;
    onMeeting(made);
    if (media() !== given) made.updateStream(media()); // it came while the module was loaded
    const look = () => onStreams(streamsOf(made));
    made.on('change', look);
    made.on('track', look);
    made.on('error', (problem) => { if (problem.code === 'core_crashed') settle(problem); });
    enter();
  }

  socket.on('connect', resume);
  for (const name of LISTS) socket.on(name, enter);
  onBegun();
  start().catch(settle);
  return () => {
    isOver = true;
    socket.off('connect', resume);
    for (const name of LISTS) socket.off(name, enter);
    meeting?.leave();
  };
}

/**
 * As dvMeet's hook of this name: the application makes the socket, joins the room on it, and owns
 * the stream. Nothing starts before there is a first stream; while it is null later, connections
 * stay.
 * @param {SocketLike | null} socket
 * @param {MediaStream | null} localStream
 * @param {string} roomId
 * @param {PeerConnectionsOptions} [options] count when connections begin
 * @returns {PeerConnections}
 */
export function usePeerConnections(socket, localStream, roomId, options) {
  const [peerStreams, setPeerStreams] = useState(/** @type {Record<string, MediaStream>} */ ({}));
  const [isConnecting, setIsConnecting] = useState(false);
  const [connectionError, setConnectionError] = useState(/** @type {string | null} */ (null));
  const [hasStream, setHasStream] = useState(false);
  const sent = useRef(/** @type {MediaStream | null} */ (null));
  const meeting = useRef(/** @type {Meeting | null} */ (null));
  const latest = useRef(options);
  const [round, restart] = useRounds(() => true);

  useEffect(() => { latest.current = options; });

  const updatePeerStreams = useCallback((/** @type {MediaStream} */ stream) => {
    meeting.current?.updateStream(stream);
    sent.current = stream;
  }, []);

  useEffect(() => {
    if (!localStream) return;
    updatePeerStreams(localStream);
    setHasStream(true);
  }, [localStream, updatePeerStreams]);

  useEffect(() => {
    if (!socket || !hasStream) return undefined;
    const end = accompany({
      socket,
      room: roomId,
      options: () => latest.current ?? {},
      media: () => /** @type {MediaStream} */ (sent.current),
      onMeeting: (made) => { meeting.current = made; },
      onStreams: (streams) => setPeerStreams((before) => (isSame(before, streams)
        ? before : streams)),
      onBegun: () => {
        setIsConnecting(true);
        setConnectionError(null);
      },
      onSettled: (problem) => {
        setIsConnecting(false);
        setConnectionError(problem);
      },
    });
    return () => {
      end();
      meeting.current = null;
      setPeerStreams({});
      setIsConnecting(false);
      setConnectionError(null);
    };
  }, [socket, hasStream, roomId, round]);

  return { peerStreams, updatePeerStreams, isConnecting, connectionError, restart };
}
