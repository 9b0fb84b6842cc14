// Every bound of the signaling server, with its unit and its reason.

/** Characters (UTF-16 units) of a room's name: fits a link that people paste. */
export const MAX_ROOM_ID_CHARS = 64;

/** Characters of a participant's name: what a tile can show. Longer names are cut. */
export const MAX_USER_NAME_CHARS = 64;

/** Characters of a participant id sent by a client; ours (socket ids) have 20. */
export const MAX_PARTICIPANT_ID_CHARS = 64;

/** Characters of a description: about ten times a three-slot offer with all its candidates. */
export const MAX_DESCRIPTION_CHARS = 131_072;

/** Characters of one candidate-attribute: real ones have 100 to 250. */
export const MAX_CANDIDATE_CHARS = 1024;

/** Characters of a media stream identification tag or an ICE ufrag (RFC 8839 §5.4: at most 256). */
export const MAX_MID_CHARS = 256;

/** Characters of a chat message, of its id, and of its time as shown. */
export const MAX_CHAT_CHARS = 4096;
export const MAX_CHAT_ID_CHARS = 64;
export const MAX_TIME_CHARS = 32;

/** ICE generations are unsigned 32-bit numbers. */
export const MAX_GENERATION = 2 ** 32 - 1;

/** Participants of a room by default: in a mesh everybody uploads once per other participant. */
export const DEFAULT_MAX_PARTICIPANTS = 12;

/**
 * Connections of the whole server. A connection is at most one participant and a room has at least
 * one, so this bounds participants and rooms too.
 */
export const MAX_CONNECTIONS = 4096;

/** Bytes of one Socket.IO packet: the longest description, with room for its JSON escapes. */
export const MAX_PACKET_BYTES = 256 * 1024;

/**
 * Characters waiting for a receiver that doesn't read: more than the largest offer from every other
 * participant twice. A socket beyond this is closed, so that it can't fill the server's memory.
 */
export const MAX_QUEUED_CHARS = 4 * 1024 * 1024;

/** Log lines about refused messages per socket; its last line carries the total. */
export const MAX_LOGGED_REFUSALS = 20;

/**
 * Milliseconds between pings, and until an unanswered one ends the socket: a dead participant is
 * gone within 15 s. By then its media has been frozen for long, yet a Wi-Fi that pauses for a few
 * seconds, or a phone changing networks, doesn't lose its place.
 */
export const PING_INTERVAL_MS = 10_000;
export const PING_TIMEOUT_MS = 5_000;

/** Milliseconds from the transport's handshake until it must have become a Socket.IO socket. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** Milliseconds a closing server waits for its peers' close frames. */
export const CLOSE_GRACE_MS = 1_000;

/**
 * How many messages of a class one socket may send within a window of so many seconds. None of
 * these is reached by a working client in the largest sensible meeting.
 */
export const RATES = {
  /** A person clicks, a page reloads its state, a client retries: a handful. */
  join: { points: 10, seconds: 1 },
  /** Polled by plain clients at most once a second. */
  list: { points: 10, seconds: 1 },
  /** A newcomer to a full room makes 11 offers at once, and a collision doubles them. */
  description: { points: 50, seconds: 1 },
  /** 200/s on average; the window admits the burst of 11 connections gathering at once, 40 each. */
  candidate: { points: 1000, seconds: 5 },
  /** Push-to-talk and nervous clicking. */
  media: { points: 20, seconds: 1 },
  /** Faster than anybody types. */
  chat: { points: 10, seconds: 1 },
};
