// Decides what is wrong here, and what to do about it, from what diagnose() has found out.

/**
 * @typedef {import('./api.js').Check} Check
 * @typedef {import('./api.js').Verdict} Verdict
 * @typedef {{name: string, message: string}} Problem of a device: the DOMException
 * @typedef {object} Gathered with one ICE server alone
 * @property {boolean} found whether a candidate of the kind that was looked for came
 * @property {boolean} isComplete whether the browser has said that no more come
 * @property {{code: number, text: string, url: string}[]} errors as icecandidateerror tells them
 * @property {number} tookMs
 */

/** Peak of a signal of 1 below which nobody speaks: the noise of an open microphone is louder. */
const SILENCE = 0.001;
/** Units: kbit/s.  One picture of a mesh, with its sound. */
const ENOUGH_KBPS = 1000;
/** Units: ms.  Beyond, people begin to talk over each other. */
const FAR_MS = 400;

/**
 * @param {string} name
 * @param {Verdict} verdict
 * @param {string} detail
 * @param {string} [advice]
 * @returns {Check}
 */
const check = (name, verdict, detail, advice = '') => ({ name, verdict, detail, advice });

/** @param {import('./api.js').Support} support */
export function judgeSupport({ missing, features }) {
  if (!features['secure context']) {
    return check('support', 'fail', 'This page is not secure, so it gets no camera or microphone.',
      'Open it over https or on localhost.');
  }
  if (missing.length > 0) {
    return check('support', 'fail', `This browser lacks ${missing.join(', ')}.`,
      'Update it, or use a current Chrome, Edge, Firefox or Safari.');
  }
  const without = Object.entries(features).filter(([, there]) => !there).map(([name]) => name);
  if (without.length > 0) {
    return check('support', 'warn', `A meeting works, but without ${without.join(', ')}.`,
      'Update the browser if you miss it.');
  }
  return check('support', 'pass', 'This browser has all that a meeting uses.');
}

/** An application's function rejected. @param {Problem} problem */
export const judgeIceServers = ({ name, message }) => check('ice-servers', 'fail',
  `The application’s ICE servers could not be had (${name}: ${message || 'no reason given'}).`,
  'Mend its option iceServers, or the server that it asks.');

/** What to do when a device does not open, by the DOMException. @type {Record<string, string>} */
const DEVICE_ADVICE = {
  NotAllowedError: 'Allow it in the browser’s settings for this site, and in those of the system.',
  NotFoundError: 'Connect one, and check that the system sees it.',
  NotReadableError: 'Close other applications that use it, or plug it in again.',
};

/**
 * @param {'camera' | 'microphone'} name
 * @param {Problem} problem
 */
const deviceFails = (name, problem) => check(name, 'fail',
  `The ${name} did not open (${problem.name}: ${problem.message || 'no reason given'}).`,
  DEVICE_ADVICE[problem.name] ?? 'Try another one, or restart the browser.');

/** @param {{problem?: Problem, label?: string, width?: number, height?: number}} found */
export function judgeCamera({ problem, label, width = 0, height = 0 }) {
  if (problem) return deviceFails('camera', problem);
  if (width === 0) {
    return check('camera', 'warn', `${label} is open, but gives no picture.`,
      'Open its shutter, or choose another camera.');
  }
  return check('camera', 'pass', `${label} gives ${width}×${height}.`);
}

/** @param {{problem?: Problem, label?: string, peak?: number | null}} found null: not measured */
export function judgeMicrophone({ problem, label, peak = null }) {
  if (problem) return deviceFails('microphone', problem);
  if (peak === null) {
    return check('microphone', 'warn', `${label} is open, but its level could not be measured.`,
      'Touch the page and run the checks again.');
  }
  const percent = Math.min(100, Math.round(peak * 100));
  if (peak < SILENCE) {
    return check('microphone', 'warn', `${label} is silent.`,
      'Speak while it is checked; else unmute it in the system, or choose another microphone.');
  }
  return check('microphone', 'pass', `${label} hears something: ${percent} % at its loudest.`);
}

/**
 * @param {{problem?: string, url: string, roundTripMs?: number | null, refusal?: string}} found
 *   `roundTripMs` is null where the server answers nothing, as plain dvMeet servers do
 */
export function judgeSignaling({ problem, url, roundTripMs = null, refusal }) {
  if (problem) {
    return check('signaling', 'fail', `The server at ${url} can’t be reached (${problem}).`,
      'Check the address and that the server runs; a proxy on the way must let WebSockets through, '
      + 'and the server must allow this page (--origin).');
  }
  if (refusal) {
    return check('signaling', 'fail', `The server at ${url} lets nobody in: ${refusal}`,
      'Ask whoever runs it.');
  }
  if (roundTripMs === null) {
    return check('signaling', 'pass', `The server at ${url} is there; it answers no questions.`);
  }
  return check('signaling', 'pass',
    `The server at ${url} answers in ${Math.round(roundTripMs)} ms.`);
}

/** @param {Gathered[]} gathered with each STUN server */
export function judgeStun(gathered) {
  if (gathered.length === 0) {
    return check('stun', 'warn', 'No STUN server is named, so nobody outside this network knows '
      + 'how to get in.', 'Name one: --ice-server stun:HOST:PORT, or the option iceServers.');
  }
  const good = gathered.find(({ found }) => found);
  if (good) return check('stun', 'pass', `A public address was found in ${good.tookMs} ms.`);
  const errors = gathered.flatMap((each) => each.errors);
  if (errors.length === 0 && gathered.every(({ isComplete }) => isComplete)) {
    return check('stun', 'pass', 'There is no other address than this machine’s own.');
  }
  return check('stun', 'fail', `No STUN server answered${because(errors)}.`,
    'This network may block UDP: calls then need TURN over TCP or TLS.');
}

/** @param {{code: number, text: string}[]} errors */
const because = ([first]) => (first ? ` (${first.code} ${sayable(first.text)})` : '');

/** Of a sentence that stands within another. @param {string} text */
const sayable = (text) => text.replace(/\.$/u, '') || 'no reason given';

/** @type {Record<string, string>} */
const TURN_ADVICE = {
  udp: 'This network may block UDP: then TCP or TLS must work.',
  tcp: 'A firewall may block the port: TURN over TLS on port 443 passes most of them.',
  tls: 'Check the server’s certificate and that its TLS port is open.',
};

/**
 * @param {'udp' | 'tcp' | 'tls'} transport
 * @param {Gathered[]} gathered with each TURN server over this transport
 */
export function judgeTurn(transport, gathered) {
  const name = `turn-${transport}`;
  if (gathered.length === 0) {
    return check(name, 'skip', `No TURN server over ${transport.toUpperCase()} is named.`);
  }
  const good = gathered.find(({ found }) => found);
  if (good) return check(name, 'pass', `The relay was ready in ${good.tookMs} ms.`);
  const errors = gathered.flatMap((each) => each.errors);
  const refused = errors.find(({ code }) => code === 401 || code === 441);
  if (refused) {
    return check(name, 'fail',
      `The TURN server refuses the credentials (${refused.code} ${sayable(refused.text)}).`,
      'They are wrong or expired: check the secret that the signaling and the TURN server share, '
      + 'and both their clocks.');
  }
  const quota = errors.find(({ code }) => code === 486 || code === 508);
  if (quota) {
    return check(name, 'fail',
      `The TURN server has no relay left (${quota.code} ${sayable(quota.text)}).`,
      'Raise its quota, or wait until others have hung up.');
  }
  return check(name, 'fail', `No relay over ${transport.toUpperCase()}${because(errors)}.`,
    TURN_ADVICE[transport]);
}

/**
 * @param {{isPossible: boolean, isNamed?: boolean, problem?: string, kbps?: number,
 *   roundTripMs?: number | null, protocol?: string}} found of two connections here that met
 *   at the relay
 */
export function judgeRelayed({
  isPossible, isNamed = false, problem, kbps = 0, roundTripMs = null, protocol = '',
}) {
  if (!isPossible) {
    return check('relayed', 'warn', 'No TURN server works, so whoever sits behind a strict network '
      + 'can’t be in a call.', isNamed ? 'Mend what failed above.'
      : 'Run one: tools/run --turn, or --ice-server turn:HOST:PORT.');
  }
  if (problem) {
    return check('relayed', 'fail', `Two connections here don’t meet at the relay (${problem}).`,
      'The TURN server may deny the addresses between its relays: see its denied-peer-ip and '
      + 'external-ip.');
  }
  const trip = roundTripMs === null ? '' : `, with a round trip of ${Math.round(roundTripMs)} ms`;
  const way = protocol && ` over ${protocol.toUpperCase()}`;
  const told = `The relay${way} carries ${rate(kbps)}${trip}.`;
  if (kbps < ENOUGH_KBPS) {
    return check('relayed', 'warn', told, 'That is too little for video: sound comes first.');
  }
  if (roundTripMs !== null && roundTripMs > FAR_MS) {
    return check('relayed', 'warn', told, 'That is far: use a TURN server nearer to the people.');
  }
  return check('relayed', 'pass', told);
}

/** @param {number} kbps */
const rate = (kbps) => (kbps < 1000
  ? `${Math.round(kbps)} kbit/s` : `${(kbps / 1000).toFixed(1)} Mbit/s`);

/** Which transport a URL of a TURN server asks for; nothing where it is none. @param {string} url
 * @returns {'udp' | 'tcp' | 'tls' | undefined} */
export function turnTransport(url) {
  if (/^turns:/iu.test(url)) return 'tls';
  if (!/^turn:/iu.test(url)) return undefined;
  return /[?&]transport=tcp/iu.test(url) ? 'tcp' : 'udp';
}

/** @param {readonly Check[]} checks @returns {Verdict} the worst of them */
export function overall(checks) {
  const found = new Set(checks.map(({ verdict }) => verdict));
  if (found.has('fail')) return 'fail';
  return found.has('warn') ? 'warn' : 'pass';
}

/**
 * The report to be copied: no addresses but the servers', no credentials.
 * @param {readonly Check[]} checks
 * @param {{userAgent: string, time: string}} about
 */
export function reportText(checks, { userAgent, time }) {
  return [
    'dvMeet diagnostics', `${time}  ${userAgent}`, '',
    ...checks.flatMap(({ name, verdict, detail, advice }) => [
      `${verdict.toUpperCase().padEnd(4)}  ${name}: ${detail}`,
      ...(advice ? [`      → ${advice}`] : []),
    ]), '',
  ].join('\n');
}
