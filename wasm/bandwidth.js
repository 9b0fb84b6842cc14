// What a full mesh takes, to be known before there is a meeting.
import { MeetingError } from './error.js';

/**
 * What a meeting takes where everybody sends so much to each of the others; the same rule as the
 * core's, which needs the module.
 * @param {number} participants oneself included
 * @param {number} kbps that one sends to one other: voice and picture
 * @returns {import('./api.js').MeshBandwidth}
 * @throws {MeetingError} `bad_request`
 */
export function meshBandwidth(participants, kbps) {
  if (!Number.isSafeInteger(participants) || participants < 0) {
    throw refusal('participants is not a whole number from 0 up');
  }
  if (!Number.isFinite(kbps) || kbps < 0) throw refusal('kbps is not a number from 0 up');
  const others = Math.max(participants - 1, 0);
  const oneWay = others * kbps;
  return {
    connections: (participants * others) / 2, up: oneWay, down: oneWay,
    total: participants * oneWay,
  };
}

const refusal = (/** @type {string} */ problem) =>
  new MeetingError('bad_request', `This can't be computed: ${problem}.`);
