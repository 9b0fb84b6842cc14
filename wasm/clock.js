// The time of the platform.

/** @type {import('./api.js').Clock} */
export const systemClock = {
  now: () => performance.now(),
  setTimeout: (callback, milliseconds) => globalThis.setTimeout(callback, milliseconds),
  clearTimeout: (timer) => globalThis.clearTimeout(/** @type {number} */ (timer)),
};
