// The messages a client may send: one schema per event. Fields that aren't named here are ignored,
// among them those a client could lie about (its own socketId, sender, and the room of a message).

import * as z from 'zod';

import {
  MAX_CANDIDATE_CHARS, MAX_CHAT_CHARS, MAX_CHAT_ID_CHARS, MAX_DESCRIPTION_CHARS, MAX_GENERATION,
  MAX_MID_CHARS, MAX_PARTICIPANT_ID_CHARS, MAX_ROOM_ID_CHARS, MAX_TIME_CHARS, MAX_TOKEN_CHARS,
  MAX_USER_NAME_CHARS,
} from './limits.mjs';

/** Highest protocol spoken here; a client that announces a later one gets this one. */
export const PROTOCOL = 2;

/** Control characters, and halves of surrogate pairs, which no UTF-8 transport carries. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

const text = (maxChars) => z.string().min(1).max(maxChars);

const roomId = z.string().trim().min(1).max(MAX_ROOM_ID_CHARS)
  .refine((name) => !UNPRINTABLE.test(name), 'has control characters');

const userName = z.string().transform(shownName).nullish().transform((name) => name ?? undefined);

const targetId = text(MAX_PARTICIPANT_ID_CHARS);

/** Extension fields are passed on if they make sense, and dropped if they don't. */
const generation = z.number().int().min(0).max(MAX_GENERATION).optional().catch(undefined);
const generations = { generation, peerGeneration: generation };

const description = (types) => z.object({
  targetId,
  sdp: z.object({ type: z.enum(types), sdp: z.string().max(MAX_DESCRIPTION_CHARS) }),
  ...generations,
  round: generation,
  replaces: generation,
});

/** RTCIceCandidateInit; null is the end of candidates. Spec: webrtc-pc §4.8.1. */
const candidate = z.object({
  candidate: z.string().max(MAX_CANDIDATE_CHARS),
  sdpMid: z.string().max(MAX_MID_CHARS).nullish(),
  sdpMLineIndex: z.number().int().min(0).max(65_535).nullish(),
  usernameFragment: z.string().max(MAX_MID_CHARS).nullish(),
}).nullable();

const chatMessage = z.object({
  id: z.union([text(MAX_CHAT_ID_CHARS), z.number().transform(String)]).optional(),
  text: text(MAX_CHAT_CHARS),
  time: z.string().max(MAX_TIME_CHARS).optional(),
  timestamp: z.union([z.number(), z.string().max(MAX_TIME_CHARS)]).optional(),
});

const nothing = z.object({}).optional();

const SCHEMAS = {
  'join-room': z.object({
    roomId,
    userName,
    protocol: z.number().int().min(PROTOCOL).transform(() => PROTOCOL).catch(1),
    isMuted: z.boolean().optional(),
    isVideoOff: z.boolean().optional(),
    isCameraOff: z.boolean().optional(),
    isSharing: z.boolean().optional(),
    // A token that is no good is a fresh join, not an error.
    resume: text(MAX_TOKEN_CHARS).optional().catch(undefined),
    lastChatId: text(MAX_CHAT_ID_CHARS).optional().catch(undefined),
  }),
  'leave-room': z.object({ roomId: roomId.optional() }).default({}),
  'get-users': z.object({ roomId }),
  'get-ice-servers': z.object({ roomId }),
  heartbeat: z.unknown(),
  offer: description(['offer']),
  answer: description(['answer', 'pranswer']),
  'ice-candidate': z.object({ targetId, candidate, ...generations }),
  'ice-restart': z.object({ targetId, ...generations }),
  'media-state-change': z.object({
    isMuted: z.boolean(), isVideoOff: z.boolean(), isCameraOff: z.boolean().optional(),
  }),
  'screen-share-started': nothing,
  'screen-share-ended': nothing,
  'send-message': z.preprocess(unwrapped, chatMessage),
};

/**
 * @returns {{ok: true, value: object, message?: undefined}
 *   | {ok: false, value?: undefined, message: string}} the message names the field
 */
export function readMessage(event, payload) {
  try {
    const { success, data, error } = SCHEMAS[event].safeParse(payload);
    if (success) return { ok: true, value: data };
    const [{ path, message }] = error.issues;
    return { ok: false, message: `${path.join('.') || 'payload'}: ${message}` };
  } catch {
    return { ok: false, message: 'payload: cannot be read' };
  }
}

/** A name as everybody is shown it: printable, trimmed, bounded, never empty. */
function shownName(name) {
  const printable = name.replace(new RegExp(UNPRINTABLE, 'gu'), '').trim();
  const cut = printable.slice(0, MAX_USER_NAME_CHARS).replace(/\p{Cs}$/u, '').trimEnd();
  return cut || 'Guest';
}

/** Chat comes as `{roomId, message}` or as the bare message. */
function unwrapped(payload) {
  return payload !== null && typeof payload === 'object' && 'message' in payload
    ? payload.message : payload;
}
