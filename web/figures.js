// Figures in words: rates, losses, delays, how good a connection is and which way it goes.

export const QUALITY_WORDS = {
  unknown: '',
  excellent: 'Excellent connection',
  good: 'Good connection',
  poor: 'Poor connection',
  lost: 'Connection lost',
};

const SLOT_WORDS = { microphone: 'Voice', camera: 'Camera', screen: 'Screen' };
const LIMITATION_WORDS = {
  bandwidth: 'limited by bandwidth', cpu: 'limited by the processor', other: 'limited',
};

export const rate = (bps) =>
  (bps >= 1e6 ? `${(bps / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bps / 1000)} kbit/s`);
export const percent = (permille) => `${(permille / 10).toFixed(1)} %`;
export const milliseconds = (us) => `${Math.round(us / 1000)} ms`;

/** One slot in one direction; what a browser doesn't count is left out. */
export function flowWords(flow) {
  const has = (value) => value !== null && value !== undefined;
  return [
    has(flow.bitrateBps) ? rate(flow.bitrateBps) : '',
    flow.width ? `${flow.width}×${flow.height}` : '',
    flow.slot !== 'microphone' && has(flow.fps) ? `${flow.fps} fps` : '',
    has(flow.lossPermille) ? `${percent(flow.lossPermille)} lost` : '',
    has(flow.jitterUs) ? `${milliseconds(flow.jitterUs)} jitter` : '',
    flow.frozenPermille ? `frozen for ${percent(flow.frozenPermille)}` : '',
    flow.concealedPermille ? `${percent(flow.concealedPermille)} concealed` : '',
    LIMITATION_WORDS[flow.limitation] ?? '',
  ].filter(Boolean).join(', ');
}

export const flowTitle = ({ slot }, isReceived) =>
  `${SLOT_WORDS[slot]} ${isReceived ? 'in' : 'out'}`;

/**
 * What goes out, what the line takes, and what everybody's tiles ask for; empty while nobody knows
 * what the line takes.
 */
export function budgetWords(budget, sentBps) {
  if (!budget.uplinkBps) return '';
  const wanted = budget.limited ? `; ${rate(budget.wantedBps)} wanted` : '';
  return `Upload: ${rate(sentBps)} of ${rate(budget.uplinkBps)}${wanted}.`;
}

function wayOf({ local, remote, protocol, relayProtocol }) {
  if (local === 'relay') return `By relay, over ${(relayProtocol ?? 'udp').toUpperCase()}`;
  if (remote === 'relay') return 'By the other side’s relay';
  const kind = local === 'host' && remote === 'host' ? 'without NAT' : 'through NAT';
  return `Direct, ${kind}${protocol === 'tcp' ? ', over TCP' : ''}`;
}

const NO_WAY = new Map([
  [true, 'No path yet, a direct one is likely'],
  [false, 'No path yet, a direct one is unlikely'],
  [null, 'No path yet'],
]);

/** The way to somebody, and how often it was another one. */
export function pathWords({ chosen, directLikely }) {
  const now = chosen.at(-1);
  if (!now) return `${NO_WAY.get(directLikely)}.`;
  const changes = chosen.length - 1;
  if (changes === 0) return `${wayOf(now)}.`;
  return `${wayOf(now)}; changed ${changes === 1 ? 'once' : `${changes} times`}.`;
}

const countWords = (counts) => ['host', 'srflx', 'prflx', 'relay']
  .filter((type) => counts[type])
  .map((type) => `${counts[type]} ${type}`)
  .join(', ') || 'none';

const MAPPING_WORDS = {
  unknown: '',
  endpointIndependent: ' Your NAT is easy to connect through.',
  addressDependent: ' Your NAT is hard to connect through.',
};

export const candidateWords = ({ local, remote, mapping }) =>
  `Candidates: ${countWords(local)}; theirs: ${countWords(remote)}.${MAPPING_WORDS[mapping]}`;
