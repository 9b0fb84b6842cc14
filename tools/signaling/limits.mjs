// Every bound of the signaling server, with its unit and its reason.

/** Characters (UTF-16 units) of a room's name: fits a link that people paste. */
export const MAX_ROOM_ID_CHARS = 64;

/** Characters of a participant's name: what a tile can show. Longer names are cut. */
export const MAX_USER_NAME_CHARS = 64;

/** Characters of a participant id sent by a client; ours have 22, socket ids 20. */
export const MAX_PARTICIPANT_ID_CHARS = 64;

/** Random bytes of a participant id: nobody guesses 128 bits. They make 22 characters. */
export const PARTICIPANT_ID_BYTES = 16;

/** Characters of a resume token; ours have at most some 600, with a room's name in full. */
export const MAX_TOKEN_CHARS = 1024;

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
 * Connections of the whole server. A participant has a connection or is away, and a room has at
 * least one participant, so this and MAX_AWAY bound participants and rooms too.
 */
export const MAX_CONNECTIONS = 4096;

/** Milliseconds that somebody who lost the connection stays a member: a lift, a long tunnel. */
export const DEFAULT_GRACE_MS = 30_000;

/**
 * Members of the whole server that are away at a time: a quarter of the connections. Who loses the
 * connection beyond this is removed at once, as plain clients are.
 */
export const MAX_AWAY = 1024;

/**
 * Messages kept for one away member, and their characters as JSON: in a full room the candidates
 * and offers of every other participant once, with ample chat. Beyond either the oldest go.
 */
export const MAX_MISSED = 256;
export const MAX_MISSED_CHARS = 1024 * 1024;

/** Characters kept for all away members together: some of them fill their share, not all. */
export const MAX_ALL_MISSED_CHARS = 64 * 1024 * 1024;

/**
 * Messages a room remembers for those who come late or back, and their characters: more than
 * anybody writes in the grace time, and a bound for those who do it on purpose.
 */
export const MAX_CHAT_LOG = 200;
export const MAX_CHAT_LOG_CHARS = 256 * 1024;

/**
 * Of those, what a newcomer is sent after the answer to its join, and their characters: enough to
 * follow the talk, and little enough not to delay the call behind it.
 */
export const MAX_CHAT_HISTORY = 50;
export const MAX_CHAT_HISTORY_CHARS = 32 * 1024;

/** Seconds until a resume token expires: longer than any meeting, and than a night's sleep. */
export const TOKEN_TTL_SECONDS = 24 * 3600;

/** Participants whose leaving is remembered, so that their tokens are spent; the oldest go. */
export const MAX_SPENT = 4096;

/** Characters of the signing secret at least. Spec: RFC 7518 §3.2, 256 bits for HS256. */
export const MIN_SECRET_CHARS = 32;

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
 * Milliseconds between pings, and until an unanswered one ends the socket: a dead client is noticed
 * within 10 s. Clients of ours notice a dead server by their own heartbeat; for them this only says
 * from when on messages are kept. A plain client survives a Wi-Fi that pauses for a few seconds.
 */
export const PING_INTERVAL_MS = 5_000;
export const PING_TIMEOUT_MS = 5_000;

/** Milliseconds between a client's heartbeats: up to three unanswered ones are a dead socket. */
export const HEARTBEAT_MS = 1_000;

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
  /** Polled by plain clients at most once a second; ICE servers are asked for once in a while. */
  list: { points: 10, seconds: 1 },
  /** A newcomer to a full room makes 11 offers at once, and a collision doubles them. */
  description: { points: 50, seconds: 1 },
  /** 200/s on average; the window admits the burst of 11 connections gathering at once, 40 each. */
  candidate: { points: 1000, seconds: 5 },
  /** One a second; a stalled connection delivers several at once. */
  heartbeat: { points: 10, seconds: 1 },
  /** Push-to-talk and nervous clicking. */
  media: { points: 20, seconds: 1 },
  /** Faster than anybody types. */
  chat: { points: 10, seconds: 1 },
};
