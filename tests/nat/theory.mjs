// What is known about pairs of networks before anything is tried.

/** The kinds of client network, the most open first. */
export const KINDS = ['open', 'firewall', 'fullCone', 'addressRestricted', 'portRestricted',
  'symmetric', 'udpBlocked', 'tlsOnly'];

/** How a client reaches a TURN server when it must: what its network lets out, the best first. */
const RELAY_TRANSPORT = { udpBlocked: 'tcp', tlsOnly: 'tls' };
export const relayTransport = (kind) => RELAY_TRANSPORT[kind] ?? 'udp';

const hasUdp = (kind) => !(kind in RELAY_TRANSPORT);

/**
 * Only packets from the very port it sent to come in. A symmetric network sends to every peer from
 * a new port that nobody can know before, so these two never meet.
 */
const isPortRestricted = (kind) => ['firewall', 'portRestricted', 'symmetric'].includes(kind);

/** Why a client that can't be reached directly says it has no path, where there is no relay. */
export const reasonWithoutTurn = (kind) => (hasUdp(kind) ? 'no_relay_configured' : 'udp_blocked');

/** Whether two clients reach each other without a relay. */
export const canBeDirect = (one, other) => hasUdp(one) && hasUdp(other)
  && !(one === 'symmetric' && isPortRestricted(other))
  && !(other === 'symmetric' && isPortRestricted(one));

export const ALL_PAIRS = KINDS.flatMap((one, index) =>
  KINDS.slice(index).map((other) => [one, other]));
