// Snapshots as an application gets them: frozen, and there even when the core is not.

/** @typedef {import('./api.js').Snapshot} Snapshot */

/** @template T @param {T} value @returns {T} */
function deepFreeze(value) {
  for (const each of Object.values(/** @type {object} */ (value))) {
    if (typeof each === 'object' && each !== null) deepFreeze(each);
  }
  return Object.freeze(value);
}

/**
 * Of nobody in no room.
 * @param {Snapshot['connection']} connection
 * @returns {Snapshot}
 */
export function emptySnapshot(connection) {
  const off = /** @type {const} */ ({ wanted: false, state: 'off', error: null, muted: false });
  return deepFreeze({
    room: '', connection, participants: [], activeSpeaker: '', links: [], warnings: [], chat: [],
    budget: { uplinkBps: null, wantedBps: 0, limited: false },
    self: { id: '', name: '', microphone: off, camera: off, screen: off },
  });
}

/**
 * @param {any} told by the core, or nothing where it is broken
 * @returns {Snapshot}
 */
export const snapshotOf = (told) => (told ? deepFreeze(told) : emptySnapshot('left'));
