// What an application says of sizes and rates, as the core is told.
import { MeetingError } from './error.js';

/** As much as the core reads. */
const MOST_TILE_PIXELS = 65_535;

/** What is no number stays what it is, for the core to refuse. @param {unknown} value */
const whole = (value, most = Infinity) =>
  (typeof value === 'number' ? Math.min(Math.round(value), most) : value);

/**
 * @param {import('./api.js').QualityOptions} [quality]
 * @returns {{adapt: unknown, capture: unknown, uplinkBps: unknown}} for the core to read
 * @throws {MeetingError} `bad_request`
 */
export function qualityOf(quality = {}) {
  if (typeof quality !== 'object' || quality === null) {
    throw new MeetingError('bad_request', "These options can't be used: quality is not an object.");
  }
  const { adapt, capture, uplinkKbps } = quality;
  const uplinkBps = typeof uplinkKbps === 'number' ? uplinkKbps * 1000 : uplinkKbps;
  return { adapt, capture, uplinkBps: whole(uplinkBps) };
}

/**
 * @param {string} participantId
 * @param {import('./api.js').StreamKind} kind
 * @param {{width: number, height: number}} size
 * @returns {{type: string, participant: string, slot: string, width: unknown, height: unknown}}
 * @throws {MeetingError} `bad_request`
 */
export function tileOf(participantId, kind, size) {
  if (kind !== 'camera' && kind !== 'screen') {
    throw new MeetingError('bad_request', "This can't be done: kind is not 'camera' or 'screen'.");
  }
  return {
    type: 'tileSized', participant: participantId, slot: kind,
    width: whole(size?.width, MOST_TILE_PIXELS), height: whole(size?.height, MOST_TILE_PIXELS),
  };
}
