// The ICE servers a participant is told, TURN with credentials that expire.

import { createHmac } from 'node:crypto';

/** coturn's `use-auth-secret`: the expiry is in the name, the password proves who wrote it. */
export function turnCredential(secret, participantId, expiresAtUnixSeconds) {
  const username = `${expiresAtUnixSeconds}:${participantId}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}

/**
 * @returns {(participantId: string) => {iceServers: RTCIceServer[], iceServersTtlMs?: number}}
 *   with the time until the credentials expire, if there are any
 */
export function createIceServers({ urls, turnSecret, turnTtlSeconds, now = Date.now }) {
  const turn = urls.filter((url) => /^turns?:/.test(url));
  const stun = urls.filter((url) => !turn.includes(url));
  return (participantId) => {
    const iceServers = stun.length ? [{ urls: stun }] : [];
    if (!turn.length) return { iceServers };
    const expiry = Math.floor(now() / 1000) + turnTtlSeconds;
    iceServers.push({ urls: turn, ...turnCredential(turnSecret, participantId, expiry) });
    return { iceServers, iceServersTtlMs: expiry * 1000 - now() };
  };
}
