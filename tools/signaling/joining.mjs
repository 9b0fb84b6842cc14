// Entering a room: for the first time, again on the same connection, or as who one was before.

import { HEARTBEAT_MS } from './limits.mjs';
import { refusal } from './intake.mjs';
import { PROTOCOL } from './messages.mjs';
import { createParticipantId, Spent } from './tokens.mjs';

/**
 * A plain client's id is its socket's. A client of ours has an id for one room, which a token of
 * this server, or of another with the same secret, makes its own again.
 *
 * @param {object} house
 * @param {import('./rooms.mjs').Rooms} house.rooms
 * @param {import('./seats.mjs').Seats} house.seats
 * @param {ReturnType<typeof import('./tokens.mjs').createTokens>} house.tokens
 * @param {ReturnType<typeof import('./turn.mjs').createIceServers>} house.iceServersFor
 * @param {number} house.graceMs
 * @param {() => number} house.settlesInMs
 * @param {(id: string, event: string, payload: object) => void} house.sendToOthers
 * @param {(id: string, reason: string) => void} house.leave
 * @param {(event: string, fields: object) => void} house.log
 */
export function createJoining({
  rooms, seats, tokens, iceServersFor, graceMs, settlesInMs, sendToOthers, leave, log,
}) {
  const spent = new Spent();

  /** Who the joiner is to be, with a token that says so. */
  async function prepare(connection, { protocol, roomId, resume }) {
    if (Math.max(connection.protocol, protocol) < 2) return { id: connection.socket.id };
    const named = resume === undefined ? undefined : await tokens.read(
      resume, roomId, (member) => rooms.roomOf(member) === roomId);
    const isResumed = named !== undefined && !spent.has(named);
    const id = isResumed ? named : ownId(connection, roomId) ?? createParticipantId();
    return { id, isResumed, resumeToken: await tokens.issue(id, roomId) };
  }

  /** The id of a client of ours that is in this room already. */
  const ownId = ({ protocol, participantId }, roomId) =>
    protocol >= 2 && rooms.roomOf(participantId) === roomId ? participantId : undefined;

  function handle(connection, message, acknowledge, { id, isResumed, resumeToken }) {
    const { roomId, lastChatId, resume, isCameraOff = message.isVideoOff, ...profile } = message;
    const formerId = connection.participantId;
    const before = rooms.roomOf(id) === roomId ? rooms.participant(id) : undefined;
    // While those of a former server come back, nobody may take their places.
    const isExpected = isResumed && settlesInMs() > 0;
    if (!before && !isExpected && rooms.isFull(roomId, formerId)) {
      return refusal('room_full', 'The room is full.');
    }
    if (seats.isOvertaken(id, connection)) {
      return refusal('stale', 'This participant goes on over a later connection.');
    }
    if (!before || formerId !== id) end(connection, 'other room');

    const protocol = Math.max(connection.protocol, profile.protocol);
    Object.assign(connection, { participantId: id, protocol });
    spent.delete(id);
    const kept = seats.take(id, connection);
    rooms.join(id, roomId, { ...profile, isCameraOff, protocol });

    const participants = rooms.members(id);
    acknowledge({
      ok: true, protocol: PROTOCOL, participantId: id, participants, ...iceServersFor(id),
      ...(protocol >= 2 && {
        resumeToken, resumed: isResumed, graceMs, heartbeatMs: HEARTBEAT_MS,
        settlesInMs: settlesInMs(), lastChatId: rooms.chat(id).newestId,
      }),
    });
    connection.socket.emit('participants-list', participants);
    if (isResumed) deliverMissed(connection, kept, lastChatId);
    else if (!before && protocol >= 2) deliverHistory(connection);
    announce(id, before);
    log(isResumed ? 'resumed' : before ? 'refreshed' : 'joined', {
      participant: id, participants: participants.length, protocol,
    });
  }

  /** Ends what the connection was so far; a client of ours can't resume as that any more. */
  function end({ participantId, protocol }, reason) {
    if (protocol >= 2) spent.add(participantId);
    leave(participantId, reason);
  }

  /** Marked, for it is no news; to a plain client it would be, and so it gets none. */
  function deliverHistory({ socket, participantId: id }) {
    for (const message of rooms.chat(id).latest) {
      socket.emit('new-message', { ...message, earlier: true });
    }
  }

  /** What was kept, and then what was said meanwhile. */
  function deliverMissed({ socket, participantId: id }, kept, lastChatId) {
    for (const { event, payload } of kept) {
      if (rooms.other(id, payload.fromId)) socket.emit(event, payload);
    }
    for (const message of rooms.chat(id).after(lastChatId)) {
      if (message.fromId !== id) socket.emit('new-message', message);
    }
  }

  /**
   * Tells the others what is new of a participant. To a plain client each user-joined is a reason
   * to connect anew: it hears one for a newcomer and for a new name only.
   */
  function announce(id, before) {
    const after = rooms.participant(id);
    const isNew = (key) => after[key] !== before?.[key];
    if (isNew('userName') || isNew('protocol')) sendToOthers(id, 'user-joined', after);
    if (!before) return;
    if (isNew('isMuted') || isNew('isVideoOff') || isNew('isCameraOff')) {
      const { isMuted, isVideoOff, isCameraOff } = after;
      sendToOthers(id, 'media-state-updated', { socketId: id, isMuted, isVideoOff, isCameraOff });
    }
    if (isNew('isSharing')) {
      const event = after.isSharing ? 'screen-share-started' : 'screen-share-ended';
      sendToOthers(id, event, { socketId: id });
    }
  }

  return { prepare, handle, end };
}
