// Counts the messages of each socket against RATES.

import { RateLimiterMemory } from 'rate-limiter-flexible';

import { RATES } from './limits.mjs';

/** @typedef {keyof typeof RATES} Rate */

/** @returns {(participantId: string, rate: Rate) => Promise<boolean>} whether it may pass */
export function createRateGuard() {
  const limiters = new Map(Object.entries(RATES).map(
    ([rate, { points, seconds }]) => [rate, new RateLimiterMemory({ points, duration: seconds })],
  ));
  // Each decision takes equally many microtasks, so the messages of one socket keep their order.
  return (participantId, rate) =>
    limiters.get(rate).consume(participantId).then(() => true, () => false);
}
