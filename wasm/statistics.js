// Copies what a browser counts of a connection into the whole numbers that the core reads.

/**
 * @typedef {import('./media.js').Slot} Slot
 * @typedef {Map<Slot, RTCRtpTransceiver>} Slots
 */

/** A number that this browser doesn't have stays absent. @param {any} value */
const scaled = (value, factor = 1) =>
  (typeof value === 'number' ? Math.round(value * factor) : undefined);

/**
 * By its media line; a browser that doesn't tell has one audio and one video line of interest.
 * @param {any} entry
 * @param {Slots} slots
 * @returns {Slot}
 */
function slotOf({ mid, kind }, slots) {
  const found = [...slots].find(([, each]) => each.mid === mid);
  return found?.[0] ?? (kind === 'audio' ? 'microphone' : 'camera');
}

/** @param {any} entry of type inbound-rtp @param {Slot} slot */
const inboundOf = (entry, slot) => ({
  slot,
  bytes: entry.bytesReceived,
  packets: entry.packetsReceived,
  packetsLost: entry.packetsLost,
  jitterUs: scaled(entry.jitter, 1e6),
  framesDecoded: entry.framesDecoded,
  fps: scaled(entry.framesPerSecond),
  width: entry.frameWidth,
  height: entry.frameHeight,
  freezes: entry.freezeCount,
  frozenMs: scaled(entry.totalFreezesDuration, 1000),
  samples: entry.totalSamplesReceived,
  concealedSamples: entry.concealedSamples,
  audioLevel: scaled(entry.audioLevel, 1000),
});

/** @param {any} entry of type outbound-rtp @param {Slot} slot @param {RTCStatsReport} report */
function outboundOf(entry, slot, report) {
  const far = report.get(entry.remoteId) ?? {};
  const source = report.get(entry.mediaSourceId) ?? {};
  return {
    slot,
    bytes: entry.bytesSent,
    packets: entry.packetsSent,
    packetsLost: far.packetsLost,
    jitterUs: scaled(far.jitter, 1e6),
    roundTripUs: scaled(far.roundTripTime, 1e6),
    targetBps: scaled(entry.targetBitrate),
    framesEncoded: entry.framesEncoded,
    fps: scaled(entry.framesPerSecond),
    width: entry.frameWidth,
    height: entry.frameHeight,
    limitation: entry.qualityLimitationReason,
    audioLevel: scaled(source.audioLevel, 1000),
  };
}

/** @param {any[]} entries @param {RTCStatsReport} report */
function pairOf(entries, report) {
  const transport = entries.find(({ type }) => type === 'transport');
  const pair = report.get(transport?.selectedCandidatePairId)
    ?? entries.find(({ type, selected }) => type === 'candidate-pair' && selected);
  if (!pair) return undefined;
  const local = report.get(pair.localCandidateId) ?? {};
  return {
    local: local.candidateType,
    remote: report.get(pair.remoteCandidateId)?.candidateType,
    protocol: local.protocol,
    relayProtocol: local.relayProtocol,
    roundTripUs: scaled(pair.currentRoundTripTime, 1e6),
    availableOutgoingBps: scaled(pair.availableOutgoingBitrate),
    changes: transport?.selectedCandidatePairChanges,
  };
}

/**
 * The `statsSampled` event; without details just what came in, and by which way.
 * @param {RTCStatsReport} report
 * @param {Slots} slots
 * @param {boolean} detailed
 */
export function sampleOf(report, slots, detailed) {
  const entries = [...report.values()];
  const inbound = entries.filter(({ type }) => type === 'inbound-rtp');
  const bytes = inbound.reduce((sum, { bytesReceived = 0 }) => sum + bytesReceived, 0);
  const sample = { type: 'statsSampled', bytes, pair: pairOf(entries, report) };
  if (!detailed) return sample;
  /** Lines of a plain client beyond ours fill no slot twice. @param {any[]} ofOneDirection */
  const bySlot = (ofOneDirection) =>
    [...new Map(ofOneDirection.map((entry) => [slotOf(entry, slots), entry]))];
  const outbound = entries.filter(({ type }) => type === 'outbound-rtp');
  return {
    ...sample,
    at: Math.round(entries[0]?.timestamp ?? 0),
    received: bySlot(inbound).map(([slot, entry]) => inboundOf(entry, slot)),
    sent: bySlot(outbound).map(([slot, entry]) => outboundOf(entry, slot, report)),
  };
}

/** Of the last packet that came. @param {RTCRtpReceiver} receiver */
export function levelOf(receiver) {
  const [source] = receiver.getSynchronizationSources?.() ?? [];
  return scaled(source?.audioLevel, 1000);
}

/** Of what is sent. @param {RTCRtpSender | undefined} sender */
export async function ownLevelOf(sender) {
  try {
    const report = await sender?.getStats();
    const source = [...report?.values() ?? []].find(({ type }) => type === 'media-source');
    return scaled(source?.audioLevel, 1000);
  } catch {
    return undefined; // closed meanwhile
  }
}
