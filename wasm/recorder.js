// The flight recorder: what happened to the core and what it did, as NDJSON for tools/replay.

/** Version of the trace's shape; goes up when tools/replay must tell old from new. */
const VERSION = 1;
/** About an hour of a full room; a trace that has lost its beginning can be read, not replayed. */
const MAX_ENTRIES = 40_000;
/** Of all entries together: several times what they take, unless somebody sends to fill it. */
const MAX_CHARACTERS = 1 << 25;

// ---- what is recorded -------------------------------------------------------------------------

/**
 * A message that the core refused is recorded as the refusal: the message itself may be of any kind
 * and size, and this is all the core took of it.
 * @param {any} event
 * @param {any[]} actions
 */
function asTheCoreReadIt(event, actions) {
  const report = actions.find(({ code }) => code === 'malformed_message');
  const told = /^'(.*?)': (the payload|\S+) (.*)$/su.exec(report?.detail ?? '');
  if (!told) return event;
  const [, name, field, detail] = told;
  return {
    type: 'signalRejected', name, from: report.participant,
    field: field === 'the payload' ? '' : field, detail,
  };
}

/** As JSON.stringify(), for readers that take well-formed text only. @param {object} value */
function write(value) {
  const json = JSON.stringify(value);
  // Only lone surrogates are escaped; pairs stand as they are.
  return json.includes('\\ud')
    ? json.replace(/\\(?:u(d[89a-f][\da-f]{2})|.)/gu, (all, lone) => (lone ? '\\ufffd' : all))
    : json;
}

// ---- what is left out by default --------------------------------------------------------------

// The core must decide the same without it, or tools/replay would find differences: what it reads
// of a text (src/sdp.cpp) stays to the letter, and no text grows, since lengths are limited.

/**
 * Network addresses, and the secrets of a description, where an error message quotes them.
 * @type {[RegExp, string][]}
 */
const PRIVATE = [
  [/(^|[^\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)/gu, '$1x.x.x.x'],
  [/(^|[^\w:.])(?:[\da-f]{1,4}:){7}[\da-f]{1,4}(?![\w:])/giu, '$1x'],
  [/(^|[^\w:.])(?:[\da-f]{1,4}:)+(?::[\da-f]{1,4})+(?![\w:])/giu, '$1x'],
  [/(^|[^\w:.])(?:(?:[\da-f]{1,4}:)+:|:(?::[\da-f]{1,4})+)(?![\w:])/giu, '$1x'],
  [/[\da-f-]{36}\.local/giu, 'x.local'],
  [/(ice-pwd:)[\w+/]+/gu, '$1x'],
  [/(fingerprint:[\w-]+ )[\da-f:]+/giu, '$1x'],
];

/** @param {string} text */
const redactAddresses = (text) =>
  PRIVATE.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);

/** The lines of a description that the core reads, and those that show its shape. */
const TELLING = /^(?:[om]=|a=(?:mid|ice-ufrag|setup):|a=(?:sendrecv|sendonly|recvonly|inactive))/u;

/** @param {string} line */
function redactLine(line) {
  const [first, second] = line.split(' ', 2);
  if (line.startsWith('o=')) return second === undefined ? 'o=' : `o= ${second}`;
  if (first.startsWith('m=')) {
    return line.replace(/^(m=\S+ )[1-9]\d*/u, (_, media) => `${media}9`); // of a port
  }
  return line;
}

/** @param {string} sdp */
const redactSdp = (sdp) => sdp.split('\n')
  .filter((line) => TELLING.test(line))
  .map((line) => `${redactLine(line)}\n`)
  .join('');

const UFRAG = ' ufrag ';

/** Type and generation stay. @param {string} candidate */
function redactCandidate(candidate) {
  const [before, ...behind] = candidate.split(UFRAG);
  const kinds = before.match(/ typ (?:host|srflx|prflx|relay)| tcptype (?:active|passive|so)/gu);
  const ufrag = behind.length > 0 ? UFRAG + behind.join(UFRAG).split(' ', 1)[0] : '';
  return (before.startsWith('candidate:') ? 'candidate:' : '') + (kinds ?? []).join('') + ufrag;
}

/** @param {string} url of a STUN or TURN server */
const redactUrl = (url) => url.replace(/^(\w*:).*?(\?.*)?$/su, '$1x$2');

/** Texts that stay but for addresses in them; any other the core passes on at most, unread. */
const KEPT = `type name room roomId meetingId userName sender participant participantId socketId
  fromId targetId from id receiver senders slot slots mid kind state code level event field sdpMid
  usernameFragment time lastChatId deviceId deviceIds to detail message reason payload trace
  local remote protocol relayProtocol limitation prefers`.split(/\s+/u);

/** @type {Map<string, (text: string) => string>} */
const REDACT = new Map([
  ...KEPT.map((key) => /** @type {const} */ ([key, redactAddresses])),
  ['sdp', redactSdp],
  ['candidate', redactCandidate],
  ['urls', redactUrl],
  ['url', redactUrl],
  ['text', (text) => 'x'.repeat(Math.min(text.length, 16))],
]);

/** Deeper than any message the core reads. */
const MAX_DEPTH = 12;

/**
 * What is secret gets the same word each time: that it changed is what the core acts on.
 * @returns {(key: string, value: string) => string}
 */
function createMask() {
  /** @type {Map<string, Map<string, string>>} by the member's name */
  const words = new Map();
  return (key, value) => {
    const known = words.get(key) ?? new Map();
    words.set(key, known);
    if (!known.has(value)) known.set(value, known.size ? `redacted ${known.size + 1}` : 'redacted');
    return known.get(value);
  };
}

/**
 * @param {string} key whose value it is; the items of a list have that of the list
 * @param {unknown} value
 * @param {(key: string, value: string) => string} mask
 * @returns {unknown}
 */
function redact(key, value, mask, depth = 0) {
  if (typeof value === 'string') {
    return value === '' ? '' : REDACT.get(key)?.(value) ?? mask(key, value);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((each) => redact(key, each, mask, depth + 1));
  return Object.fromEntries(Object.entries(value)
    .map(([name, each]) => [name, redact(name, each, mask, depth + 1)]));
}

// ---- the recorder -----------------------------------------------------------------------------

/** @param {object} config what the core was made with */
export function createRecorder(config) {
  /** @type {string[]} */
  let entries = [];
  let characters = 0;
  let dropped = 0;

  /** In chunks: taking one from the front of a long list for each that comes is slow. */
  function dropOldest() {
    const gone = Math.ceil(entries.length / 10);
    for (const entry of entries.slice(0, gone)) characters -= entry.length;
    entries = entries.slice(gone);
    dropped += gone;
  }

  return {
    /**
     * @param {number} time
     * @param {object} event
     * @param {object[]} actions
     */
    add(time, event, actions) {
      try {
        // As text at once: what is in a message may be changed by whoever else holds it.
        const entry = write({ time, event: asTheCoreReadIt(event, actions), actions });
        entries.push(entry);
        characters += entry.length;
      } catch {
        dropped += 1; // an application's own socket may hand over what JSON can't say
      }
      while (entries.length > MAX_ENTRIES || characters > MAX_CHARACTERS) dropOldest();
    },
    /**
     * One JSON object a line: a head with `version` and `config`, then `{time, event, actions}`.
     * @param {boolean} full with addresses, chat texts and credentials
     */
    text(full) {
      const head = { trace: 'dvmeet-core', version: VERSION, dropped, redacted: !full, config };
      const lines = [write(head), ...entries];
      const mask = createMask();
      const told = full ? lines : lines.map((line) => write(/** @type {object} */ (
        redact('', JSON.parse(line), mask))));
      return told.map((line) => `${line}\n`).join('');
    },
  };
}
