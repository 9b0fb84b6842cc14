// Snapshots as an application gets them: frozen, and there even when the core is not.

/** @typedef {import('./api.js').Snapshot} Snapshot */

/** @template T @param {T} value @returns {T} */
function deepFreeze(value) {
  for (const each of Object.values(/** @type {object} */ (value))) {
    if (typeof each === 'object' && each !== null) deepFreeze(each);
  }
  return Object.freeze(value);
}

/** Of a meeting whose core is broken. */
function lastWords() {
  const off = { wanted: false, state: 'off', error: null };
  return {
    room: '', connection: 'left', participants: [], links: [], warnings: [], chat: [],
    self: { id: '', name: '', microphone: off, camera: off, screen: off },
  };
}

/**
 * @param {any} told by the core, or nothing
 * @returns {Snapshot}
 */
export const snapshotOf = (told) => /** @type {Snapshot} */ (deepFreeze(told ?? lastWords()));
