// Runs in every page: when which picture came in, and when a pair changed its state. Times are of
// Date.now(), one clock for all processes of the machine.

/* global MediaStreamTrackProcessor, window */

/**
 * @typedef {{at: number, name: string, connection: string, error: {code: string} | null}} Change
 */

export function installRecording() {
  const PERIOD_MS = 50;
  /** @type {Map<string, MediaStreamTrack>} */
  const followed = new Map();
  const recording = {
    joinedAt: 0,
    /** When each decoded picture of a participant came in. @type {Record<string, number[]>} */
    frames: {},
    /** @type {Change[]} */
    changes: [],
  };
  window.recording = recording;

  async function follow(name, track) {
    followed.set(name, track);
    const times = recording.frames[name] ??= [];
    // Exact and cheap, also for pictures that no element shows.
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      value.close();
      times.push(Date.now());
    }
  }

  function note({ name, connection, error }) {
    const last = recording.changes.filter((change) => change.name === name).at(-1);
    if (last?.connection === connection && last.error?.code === error?.code) return;
    recording.changes.push({ at: Date.now(), name, connection, error });
  }

  setInterval(() => {
    const { meeting } = window;
    if (meeting?.snapshot.connection === 'joined') recording.joinedAt ||= Date.now();
    for (const participant of meeting?.snapshot.participants ?? []) {
      if (participant.isSelf) continue;
      note(participant);
      const [track] = meeting.streamOf(participant.id, 'camera')?.getVideoTracks() ?? [];
      if (track && followed.get(participant.name) !== track) follow(participant.name, track);
    }
  }, PERIOD_MS);
}

/** With the time of reading: the answer may be long on its way. */
export const readRecording = () => ({ ...window.recording, readAt: Date.now() });

/**
 * The way packets take to each of the others now: as the browser has it, and as the core says.
 * @typedef {{type: string, protocol: string, relayProtocol?: string}} End
 * @typedef {{relayed: boolean | null, chosen?: import('../../wasm/api.js').ChosenPair}} Told
 * @returns {Promise<Record<string, {local: End, remote: End, told: Told} | null>>} by name
 */
export async function readPaths() {
  const { meeting } = window;
  const others = meeting.snapshot.participants.filter(({ isSelf }) => !isSelf);
  const paths = others.map(async ({ id, name }) => {
    const report = await meeting.statsReport(id).catch(() => new Map());
    const stats = [...report.values()];
    const { selectedCandidatePairId } = stats.find(({ type }) => type === 'transport') ?? {};
    const pair = report.get(selectedCandidatePairId);
    const [local, remote] = [pair?.localCandidateId, pair?.remoteCandidateId].map((candidate) => {
      const { candidateType, protocol, relayProtocol } = report.get(candidate) ?? {};
      return { type: candidateType, protocol, relayProtocol };
    });
    const { relayed = null, chosen = [] } = meeting.stats(id)?.path ?? {};
    return [name, pair ? { local, remote, told: { relayed, chosen: chosen.at(-1) } } : null];
  });
  return Object.fromEntries(await Promise.all(paths));
}
