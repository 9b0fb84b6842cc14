// The application's own ICE servers: a list, or a function that is asked for one.

/**
 * @typedef {import('./api.js').MeetingOptions['iceServers']} Given
 * @typedef {import('./api.js').IceServers} IceServers
 */

/** What is no list, or no server, stays as it is: the core says what is wrong with it.
 * @param {any} servers */
const asLists = (servers) => (Array.isArray(servers) ? servers.map(asList) : servers);

/** @param {any} server */
const asList = (server) => {
  if (typeof server !== 'object' || server === null) return server;
  const { urls, username, credential } = server;
  return { urls: typeof urls === 'string' ? [urls] : urls, username, credential };
};

/**
 * @param {Given} given
 * @returns {Promise<{iceServers: unknown, iceServersTtlMs: unknown}>} for the core to read
 */
export async function askForServers(given = []) {
  /** @type {any} */
  const answer = typeof given === 'function' ? await given() : given;
  const isPlain = Array.isArray(answer) || typeof answer !== 'object' || answer === null;
  const { iceServers, ttlSeconds = 0 } = isPlain ? { iceServers: answer } : answer;
  // What is no number stays what it is, for the core to refuse.
  const ttlMs = typeof ttlSeconds === 'number' ? Math.round(ttlSeconds * 1000) : ttlSeconds;
  return { iceServers: asLists(iceServers), iceServersTtlMs: ttlMs };
}
