// Resume tokens: who holds one may be the same participant again, on any server with the secret.

import { randomBytes, webcrypto } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';

import { MAX_SPENT, PARTICIPANT_ID_BYTES, TOKEN_TTL_SECONDS } from './limits.mjs';

// Node 18 has it in a module only, and jose looks for it where browsers have it.
globalThis.crypto ??= /** @type {Crypto} */ (webcrypto);

const ALGORITHM = 'HS256';

/** A new participant's id: random and fit for URLs. */
export const createParticipantId = () => randomBytes(PARTICIPANT_ID_BYTES).toString('base64url');

/** What a server signs with that was given no secret. */
export const createSecret = () => randomBytes(32).toString('base64url');

/**
 * @param {{secret: string, now: () => number}} options the clock in milliseconds since 1970
 * Spec: RFC 7519; RFC 7518 §3.2.
 */
export function createTokens({ secret, now }) {
  const key = new TextEncoder().encode(secret);
  const seconds = () => Math.floor(now() / 1000);

  return {
    /** @param {string} participantId @param {string} roomId */
    issue: (participantId, roomId) => new SignJWT({ room: roomId })
      .setProtectedHeader({ alg: ALGORITHM })
      .setSubject(participantId)
      .setExpirationTime(seconds() + TOKEN_TTL_SECONDS)
      .sign(key),

    /**
     * @param {string} token @param {string} roomId
     * @param {(id: string) => boolean} isMember whose token lasts as long as the meeting
     * @returns {Promise<string | undefined>} whose it is; nobody's if it isn't valid for this room
     */
    async read(token, roomId, isMember) {
      /** @param {import('jose').JWTPayload} payload */
      const whose = ({ room, sub }) => (room === roomId ? sub : undefined);
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM], requiredClaims: ['sub', 'exp', 'room'],
          currentDate: new Date(now()),
        });
        return whose(payload);
      } catch (error) {
        // By then its signature has been found to be ours.
        const id = error instanceof errors.JWTExpired ? whose(error.payload) : undefined;
        return isMember(id) ? id : undefined;
      }
    },
  };
}

/**
 * Participants that said they leave: their tokens are of no use any more.
 * Shape: the last MAX_SPENT; whoever is forgotten may come back, which harms nobody.
 */
export class Spent {
  #ids = new Set();

  has(id) {
    return this.#ids.has(id);
  }

  add(id) {
    this.#ids.add(id);
    if (this.#ids.size <= MAX_SPENT) return;
    const [oldest] = this.#ids;
    this.#ids.delete(oldest);
  }

  delete(id) {
    this.#ids.delete(id);
  }
}
