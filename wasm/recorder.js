// The flight recorder: what happened to the core and what it did, as NDJSON for tools/replay.

/** Version of the trace's shape; goes up when tools/replay must tell old from new. */
const VERSION = 1;
/** About an hour of a full room; a trace that has lost its beginning can be read, not replayed. */
const MAX_ENTRIES = 20_000;

/** The lines of a description that the core reads, and those that show its shape. */
const TELLING = /^(?:m=|a=(?:mid|ice-ufrag|setup|sendrecv|sendonly|recvonly|inactive))/u;

/** @param {string} sdp */
function redactSdp(sdp) {
  return sdp.split('\r\n')
    .map((line) => line.replace(/^(o=\S+ \S+ \S+).*$/u, '$1 IN IP4 0.0.0.0'))
    .filter((line) => line.startsWith('o=') || TELLING.test(line))
    .join('\r\n');
}

/** Type and generation stay, addresses go. @param {string} candidate */
const redactCandidate = (candidate) => 'candidate:'
  + [...candidate.matchAll(/ (?:typ|ufrag|tcptype) \S+/gu)].map(([word]) => word).join('');

/** @type {Record<string, (text: string) => string>} */
const REDACT = {
  sdp: redactSdp,
  candidate: redactCandidate,
  text: (text) => 'x'.repeat(Math.max(1, Math.min(text.length, 16))),
  username: () => 'redacted',
  credential: () => 'redacted',
};

/**
 * @param {string} key
 * @param {unknown} value
 */
const redact = (key, value) =>
  (typeof value === 'string' && value !== '' && REDACT[key] ? REDACT[key](value) : value);

/** @param {object} config what the core was made with */
export function createRecorder(config) {
  /** @type {{time: number, event: object, actions: object[]}[]} */
  const entries = [];
  let dropped = 0;
  return {
    /**
     * @param {number} time
     * @param {object} event
     * @param {object[]} actions
     */
    add(time, event, actions) {
      entries.push({ time, event, actions });
      if (entries.length <= MAX_ENTRIES) return;
      // In chunks: taking one from the front of a long list for each that comes is slow.
      dropped += entries.splice(0, MAX_ENTRIES / 10).length;
    },
    /**
     * One JSON object a line: a head with `version` and `config`, then `{time, event, actions}`.
     * @param {boolean} full with addresses, chat texts and credentials
     */
    text(full) {
      const head = { trace: 'dvmeet-core', version: VERSION, dropped, redacted: !full, config };
      const write = (/** @type {object} */ line) => JSON.stringify(line, full ? undefined : redact);
      return [head, ...entries].map((line) => `${write(line)}\n`).join('');
    },
  };
}
