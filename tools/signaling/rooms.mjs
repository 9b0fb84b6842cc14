// Who is in which room, how they are shown to each other, and what was said there. Knows nothing of
// sockets.

import { ChatLog } from './chat-log.mjs';

/**
 * @typedef {{socketId: string, userName: string, isMuted: boolean, isVideoOff: boolean,
 *   isCameraOff: boolean, isSharing: boolean, protocol: number}} Participant  As on the wire.
 */

/** What is true of a participant that says nothing about itself: a plain client, just joined. */
const PLAIN = {
  userName: 'Guest', isMuted: false, isVideoOff: false, isCameraOff: false, isSharing: false,
  protocol: 1,
};

/** Shape: a participant is in at most one room; a room without participants doesn't exist. */
export class Rooms {
  #maxParticipants;
  /** @type {Map<string, Map<string, Participant>>} room id → participant id → participant */
  #rooms = new Map();
  /** @type {Map<string, ChatLog>} room id → what was said there */
  #chats = new Map();
  /** @type {Map<string, string>} participant id → room id */
  #roomOf = new Map();

  constructor({ maxParticipants }) {
    this.#maxParticipants = maxParticipants;
  }

  get roomCount() {
    return this.#rooms.size;
  }

  get participantCount() {
    return this.#roomOf.size;
  }

  /** @returns {string | undefined} */
  roomOf(id) {
    return this.#roomOf.get(id);
  }

  /** @param {string} roomId @param {string} [leavingId] whose place will be free */
  isFull(roomId, leavingId) {
    const room = this.#rooms.get(roomId);
    const taken = (room?.size ?? 0) - (room?.has(leavingId) ? 1 : 0);
    return taken >= this.#maxParticipants;
  }

  /**
   * Enters a room, or refreshes the participant that is in it already: fields that are left out
   * keep their value. Whether it has space is the caller's to ask: some may come beyond that.
   */
  join(id, roomId, profile) {
    const room = this.#rooms.get(roomId) ?? new Map();
    const known = room.get(id);
    if (!known && this.#roomOf.has(id)) throw new Error('a participant joins two rooms');
    this.#rooms.set(roomId, room.set(id, merge(known ?? { socketId: id, ...PLAIN }, profile)));
    this.#roomOf.set(id, roomId);
    if (!this.#chats.has(roomId)) this.#chats.set(roomId, new ChatLog());
  }

  /** Changes some fields of a participant that is in a room. */
  update(id, fields) {
    const room = this.#rooms.get(this.#roomOf.get(id));
    room.set(id, merge(room.get(id), fields));
  }

  /** @returns {boolean} whether the participant was in a room */
  leave(id) {
    const roomId = this.#roomOf.get(id);
    if (roomId === undefined) return false;
    const room = this.#rooms.get(roomId);
    room.delete(id);
    if (room.size === 0) {
      this.#rooms.delete(roomId);
      this.#chats.delete(roomId);
    }
    return this.#roomOf.delete(id);
  }

  /** @returns {Participant | undefined} */
  participant(id) {
    return this.#rooms.get(this.#roomOf.get(id))?.get(id);
  }

  /** @returns {Participant[]} everybody in the participant's room, itself too, first come first */
  members(id) {
    return [...(this.#rooms.get(this.#roomOf.get(id))?.values() ?? [])];
  }

  /** @returns {Participant[]} */
  others(id) {
    return this.members(id).filter(({ socketId }) => socketId !== id);
  }

  /** @returns {ChatLog} of the room that the participant is in */
  chat(id) {
    return this.#chats.get(this.#roomOf.get(id));
  }

  /** @returns {Participant | undefined} the other participant of that id in the same room */
  other(id, otherId) {
    return id === otherId ? undefined : this.#rooms.get(this.#roomOf.get(id))?.get(otherId);
  }
}

function merge(participant, fields) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { ...participant, ...Object.fromEntries(given) };
}
