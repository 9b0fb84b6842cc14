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

/** Objects with something in them that JSON can't say: any the core reads are among the first. */
const MAX_UNSAYABLE = 100;

/**
 * What JSON can say of it. The core read none of the rest, or it would have refused the message.
 * @param {() => any} read
 * @param {Set<object>} seen each such object is looked into once: most are circles
 * @returns {any}
 */
function sayable(read, seen = new Set()) {
  /** @type {any} */
  let value;
  try {
    value = read();
    JSON.stringify(value);
    return value;
  } catch {
    if (typeof value !== 'object' || seen.has(value) || seen.size === MAX_UNSAYABLE) return null;
    seen.add(value);
    if (Array.isArray(value)) return value.map((each) => sayable(() => each, seen));
    return Object.fromEntries(Object.keys(value)
      .map((name) => [name, sayable(() => value[name], seen)]));
  }
}

/** @param {object} value */
function stringify(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(sayable(() => value)); // of an application's own socket
  }
}

/** As JSON.stringify(), for readers that take well-formed text only. @param {object} value */
function write(value) {
  const json = stringify(value);
  // Only lone surrogates are escaped; pairs stand as they are.
  return json.includes('\\ud')
    ? json.replace(/\\(?:u(d[89a-f][\da-f]{2})|.)/gu, (all, lone) => (lone ? '\\ufffd' : all))
    : json;
}

// ---- what is left out by default --------------------------------------------------------------

// The core must decide the same without it, or tools/replay would find differences: what it reads
// of a text (src/sdp.cpp) stays to the letter, and no text grows, since lengths are limited. What
// it compares has a stand-in for each distinct value, and ids that are addresses keep their order,
// which says whose offer counts.

/**
 * @typedef {object} StandIns
 * @property {(kind: string, value: string, word: string) => string} secret
 * @property {(address: string, id: string | null) => string} address and what an id is from it on;
 *   null for one in a sentence
 */

/** Of IPv4, or of IPv6, which may end in one of IPv4. */
const ADDRESS = new RegExp([
  String.raw`(^|[^\w.])(\d{1,3}(?:\.\d{1,3}){3})(?!\.?\d)|`,
  String.raw`(^|[^\w:.])((?:(?:H:){7}H|(?:H:)+(?::H)+|(?:H:)+:|:(?::H)+)`,
  String.raw`(?:(?:\.\d{1,3}){3})?)(?![\w:])`,
].join('').replaceAll('H', String.raw`[\da-f]{1,4}`), 'giu');

/** As ::1, which is nobody's, and shorter than a stand-in. */
const LONGEST_KNOWN_ADDRESS = 3;

/**
 * The secrets of a description, where an error message quotes them.
 * @type {[RegExp, string][]}
 */
const PRIVATE = [
  [/[\da-f-]{36}\.local/giu, 'x.local'],
  [/(ice-pwd:)[\w+/]+/gu, '$1x'],
  [/(fingerprint:[\w-]+ )[\da-f:]+/giu, '$1x'],
];

/** @param {string} text @param {StandIns} standIns */
function redactAddresses(text, standIns) {
  const told = text.replace(ADDRESS, (all, before4, ipv4, before6, ipv6, at) => {
    const address = ipv4 ?? ipv6;
    if (address.length <= LONGEST_KNOWN_ADDRESS) return all;
    const before = before4 ?? before6;
    const id = text.includes(' ') ? null : text.slice(at + before.length);
    return before + standIns.address(address, id);
  });
  return PRIVATE.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), told);
}

/** The lines of a description that the core reads, and those that show its shape. */
const TELLING = new RegExp('^(?:[om]=|a=(?:mid|ice-ufrag|fingerprint|setup):'
  + '|a=(?:sendrecv|sendonly|recvonly|inactive))', 'u');

/** Of a fingerprint the core reads so much. */
const MAX_FINGERPRINT = 256;

/** The hash function stays. @param {string} line @param {StandIns} standIns */
const redactFingerprint = (line, standIns) => line.replace(/^(a=fingerprint:)(.*?)(\r?)$/su,
  (all, name, value, end) => {
    if (value === '') return all;
    const [hash] = /^[\w-]{1,20} (?=.)/su.exec(value) ?? [''];
    const read = value.slice(0, MAX_FINGERPRINT);
    return name + hash + standIns.secret('fingerprint', read, 'x') + end;
  });

/** @param {string} line @param {StandIns} standIns */
function redactLine(line, standIns) {
  if (line.startsWith('a=fingerprint:')) return redactFingerprint(line, standIns);
  const [first, second] = line.split(' ', 2);
  if (line.startsWith('o=')) return second === undefined ? 'o=' : `o= ${second}`;
  if (first.startsWith('m=')) {
    return line.replace(/^(m=\S+ )[1-9]\d*/u, (_, media) => `${media}9`); // of a port
  }
  return line;
}

/** @param {string} sdp @param {StandIns} standIns */
const redactSdp = (sdp, standIns) => sdp.split('\n')
  .filter((line) => TELLING.test(line))
  .map((line) => `${redactLine(line, standIns)}\n`)
  .join('');

const UFRAG = ' ufrag ';

/** Type and generation stay. @param {string} candidate */
function redactCandidate(candidate) {
  const [before, ...behind] = candidate.split(UFRAG);
  const kinds = before.match(/ typ (?:host|srflx|prflx|relay)| tcptype (?:active|passive|so)/gu);
  const ufrag = behind.length > 0 ? UFRAG + behind.join(UFRAG).split(' ', 1)[0] : '';
  return (before.startsWith('candidate:') ? 'candidate:' : '') + (kinds ?? []).join('') + ufrag;
}

/** @param {string} url of a STUN or TURN server @param {StandIns} standIns */
const redactUrl = (url, standIns) => url.replace(/^(\w*:)(.*?)(\?.*)?$/su,
  (_, scheme, host, query = '') => scheme + standIns.secret('host', host, 'x') + query);

/** Texts that stay but for addresses in them; any other the core passes on at most, unread. */
const KEPT = `type name room roomId meetingId userName sender participant participantId socketId
  fromId targetId from id receiver senders slot slots mid kind state code level event field sdpMid
  usernameFragment time lastChatId deviceId deviceIds to detail message reason payload trace
  local remote protocol relayProtocol limitation prefers`.split(/\s+/u);

/** @type {Map<string, (text: string, standIns: StandIns) => string>} */
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
 * @param {string} key whose value it is; the items of a list have that of the list
 * @param {unknown} value
 * @param {StandIns} standIns
 * @returns {unknown}
 */
function redact(key, value, standIns, depth = 0) {
  if (typeof value === 'string') {
    if (value === '') return '';
    return REDACT.get(key)?.(value, standIns) ?? standIns.secret(key, value, 'redacted ');
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((each) => redact(key, each, standIns, depth + 1));
  return Object.fromEntries(Object.entries(value)
    .map(([name, each]) => [name, redact(name, each, standIns, depth + 1)]));
}

/**
 * All of one length, which no address falls below, in the order of their ranks.
 * @param {string} address
 * @param {number} rank
 */
const addressOfRank = (address, rank) =>
  (address.includes(':') ? 'x' : '0.x.') + rank.toString(36).padStart(3, '0');

/**
 * What is secret gets the same word each time: that it changed is what the core acts on.
 * @param {string[]} lines
 * @returns {StandIns}
 */
function createStandIns(lines) {
  /** @type {Map<string, string>} by address; those that ids begin with come first, as the ids do */
  const order = new Map();
  for (const line of lines) {
    redact('', JSON.parse(line), {
      secret: (_, value) => value,
      address(address, id) {
        const place = id ?? `\uffff${address}`;
        const former = order.get(address);
        if (former === undefined || place < former) order.set(address, place);
        return address;
      },
    });
  }
  const ranked = [...order].sort(([, one], [, other]) => (one < other ? -1 : 1));
  const addresses = new Map(ranked.map(([address], index) =>
    [address, addressOfRank(address, index + 1)]));
  /** @type {Map<string, Map<string, string>>} by what is kept apart */
  const words = new Map();
  return {
    secret(kind, value, word) {
      const known = words.get(kind) ?? new Map();
      words.set(kind, known);
      if (!known.has(value)) known.set(value, known.size ? word + (known.size + 1) : word.trim());
      return known.get(value);
    },
    address: (address) => /** @type {string} */ (addresses.get(address)),
  };
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
      // As text at once: what is in a message may be changed by whoever else holds it.
      const entry = write({ time, event: asTheCoreReadIt(event, actions), actions });
      entries.push(entry);
      characters += entry.length;
      while (entries.length > MAX_ENTRIES || characters > MAX_CHARACTERS) dropOldest();
    },
    /**
     * One JSON object a line: a head with `version` and `config`, then `{time, event, actions}`.
     * @param {boolean} full with addresses, chat texts and credentials
     */
    text(full) {
      const head = { trace: 'dvmeet-core', version: VERSION, dropped, redacted: !full, config };
      const lines = [write(head), ...entries];
      if (full) return lines.map((line) => `${line}\n`).join('');
      const standIns = createStandIns(lines);
      const told = lines.map((line) => write(/** @type {object} */ (
        redact('', JSON.parse(line), standIns))));
      return told.map((line) => `${line}\n`).join('');
    },
  };
}
