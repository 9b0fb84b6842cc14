// dvmeet-core/diagnose: finds out what a meeting would meet here, before it begins.
import { platformError } from './error.js';
import { askForServers } from './ice-servers.js';
import { checkSupport } from './support.js';
import {
  judgeCamera, judgeIceServers, judgeMicrophone, judgeRelayed, judgeSignaling, judgeStun,
  judgeSupport, judgeTurn, overall, reportText, turnTransport,
} from './verdicts.js';

/**
 * @typedef {import('./api.js').DiagnoseOptions} DiagnoseOptions
 * @typedef {import('./api.js').Diagnosis} Diagnosis
 * @typedef {import('./api.js').Check} Check
 * @typedef {import('./api.js').Verdict} Verdict
 * @typedef {import('./verdicts.js').Gathered} Gathered
 */

/** Units: ms.  Browsers give a silent STUN server up after 9.5 s. */
const GATHERING_MS = 12_000;
const SERVER_MS = 10_000;
const RELAY_MS = 15_000;
/** Units: ms.  Long enough to say a word. */
const LISTENING_MS = 1_500;
const LOAD_MS = 2_000;
/** Units: bytes.  Below what every data channel takes, and what is kept under way. */
const CHUNK = 16_384;
const UNDER_WAY = 1 << 20;

/**
 * Runs all checks, one after the other; never rejects because something doesn't work.
 * @param {DiagnoseOptions} [options]
 * @returns {Promise<Diagnosis>}
 */
export async function diagnose(options) {
  const { signaling = '', iceServers, devices = true, onCheck = () => {} } = options ?? {};
  /** @type {Check[]} */
  const checks = [];
  const add = (/** @type {Check} */ check) => {
    checks.push(check);
    onCheck(check);
  };
  add(judgeSupport(checkSupport()));
  if (devices) {
    add(judgeCamera(await tryCamera()));
    add(judgeMicrophone(await tryMicrophone()));
  }
  const server = signaling === null ? null : await tryServer(String(signaling));
  if (server) add(judgeSignaling(server));
  const own = await ownServers(iceServers).catch((error) => {
    add(judgeIceServers(platformError(error)));
    return [];
  });
  await tryIceServers(splitByUrl([...own, ...(server?.iceServers ?? [])]), add);
  const about = { userAgent: navigator.userAgent, time: new Date().toISOString() };
  return { verdict: overall(checks), checks, text: reportText(checks, about) };
}

/** @param {any} server */
const isServer = (server) => [server?.urls].flat().every((url) => typeof url === 'string');

/** @param {DiagnoseOptions['iceServers']} given @returns {Promise<any[]>} */
async function ownServers(given) {
  const { iceServers } = await askForServers(given);
  if (Array.isArray(iceServers) && iceServers.every(isServer)) return iceServers;
  throw new TypeError('what it gave is not a list of RTCIceServer');
}

/** Each address alone, so that it is known which of them works. @param {any[]} servers */
const splitByUrl = (servers) => servers.flatMap(({ urls, username, credential }) =>
  [urls].flat().map((url) => ({
    url, server: username == null ? { urls: url } : { urls: url, username, credential },
  })));

/**
 * @param {{url: string, server: RTCIceServer}[]} all
 * @param {(check: Check) => void} add
 */
async function tryIceServers(all, add) {
  const stun = all.filter(({ url }) => /^stuns?:/iu.test(url));
  add(judgeStun(await Promise.all(stun.map(({ server }) => gather(server, 'srflx')))));
  /** @type {RTCIceServer[]} */
  const working = [];
  for (const transport of /** @type {const} */ (['udp', 'tcp', 'tls'])) {
    const those = all.filter(({ url }) => turnTransport(url) === transport);
    const gathered = await Promise.all(those.map(({ server }) => gather(server, 'relay')));
    working.push(...those.filter((_, index) => gathered[index].found).map(({ server }) => server));
    add(judgeTurn(transport, gathered));
  }
  const found = working.length > 0 ? await tryRelay(working) : {};
  const isNamed = all.some(({ url }) => turnTransport(url));
  add(judgeRelayed({ isPossible: working.length > 0, isNamed, ...found }));
}

// ---- devices ------------------------------------------------------------------------------------

/**
 * @template T
 * @param {MediaStreamConstraints} constraints
 * @param {(track: MediaStreamTrack, stream: MediaStream) => Promise<T>} look
 */
async function withDevice(constraints, look) {
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    const [track] = stream.getTracks();
    try {
      return { label: track.label, ...await look(track, stream) };
    } finally {
      track.stop();
    }
  } catch (error) {
    return { problem: platformError(error) };
  }
}

const tryCamera = () => withDevice({ video: true }, async (track) => {
  const { width, height } = track.getSettings();
  return { width, height };
});

const tryMicrophone = () => withDevice({ audio: true }, async (_, stream) => {
  const context = new AudioContext();
  try {
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let peak = 0;
    const look = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      peak = samples.reduce((most, each) => Math.max(most, Math.abs(each)), peak);
    }, 20);
    await within(LISTENING_MS, new Promise(() => {}));
    clearInterval(look);
    return { peak: context.state === 'running' ? peak : null };
  } finally {
    await context.close();
  }
});

// ---- the server ---------------------------------------------------------------------------------

/** In a room of its own, where nobody is disturbed. @param {string} url */
async function tryServer(url) {
  const { io } = await import('socket.io-client');
  const options = { transports: ['websocket'], reconnection: false, forceNew: true };
  const socket = url ? io(url, options) : io(options);
  const place = url || location.origin;
  try {
    const problem = await within(SERVER_MS, new Promise((resolve) => {
      socket.on('connect', () => resolve(''));
      socket.on('connect_error', ({ message }) => resolve(message));
    }), `no answer within ${SERVER_MS / 1000} s`);
    if (problem) return { url: place, problem: String(problem) };
    const roomId = `diagnostics-${Math.random().toString(36).slice(2)}`;
    const started = performance.now();
    const join = { roomId, userName: 'Diagnostics', protocol: 2 };
    const answer = await within(SERVER_MS / 2, new Promise((resolve) => {
      socket.emit('join-room', join, resolve);
    }), null);
    if (!answer) return { url: place, roundTripMs: null };
    if (!answer.ok) return { url: place, refusal: String(answer.message) };
    const roundTripMs = performance.now() - started;
    socket.emit('leave-room', { roomId });
    return { url: place, roundTripMs, iceServers: [answer.iceServers].flat().filter(isServer) };
  } catch (error) {
    return { url: place, problem: platformError(error).message };
  } finally {
    socket.disconnect();
  }
}

// ---- ICE servers --------------------------------------------------------------------------------

/**
 * @param {RTCIceServer} server
 * @param {'srflx' | 'relay'} wanted
 * @returns {Promise<Gathered>}
 */
async function gather(server, wanted) {
  const started = performance.now();
  /** @type {Gathered} */
  const result = { found: false, isComplete: false, errors: [], tookMs: 0 };
  /** @type {RTCPeerConnection | undefined} */
  let pc;
  try {
    const connection = new RTCPeerConnection({
      iceServers: [server], iceTransportPolicy: wanted === 'relay' ? 'relay' : 'all',
    });
    pc = connection;
    pc.createDataChannel('gathering');
    const ended = new Promise((resolve) => {
      connection.onicecandidate = ({ candidate }) => {
        if (candidate?.type === wanted) result.found = true;
        else if (candidate) return;
        else result.isComplete = true;
        resolve(undefined);
      };
      connection.onicecandidateerror = ({ errorCode: code, errorText: text, url }) =>
        result.errors.push({ code, text, url });
    });
    await pc.setLocalDescription();
    await within(GATHERING_MS, ended);
  } catch (error) {
    result.errors.push({ code: 0, text: platformError(error).message, url: String(server.urls) });
  } finally {
    pc?.close();
  }
  result.tookMs = Math.round(performance.now() - started);
  return result;
}

/**
 * Two connections of this page that may meet at the relay only.
 * @param {RTCIceServer[]} iceServers
 */
async function tryRelay(iceServers) {
  const make = () => new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
  const [near, far] = [make(), make()];
  try {
    const channel = near.createDataChannel('load');
    /** @type {Promise<RTCDataChannel>} */
    const arrived = new Promise((resolve) => {
      far.ondatachannel = (event) => resolve(event.channel);
    });
    const opened = new Promise((resolve) => { channel.onopen = () => resolve(true); });
    await introduce(near, far);
    if (!await within(RELAY_MS, Promise.all([opened, arrived]), null)) {
      return { problem: `no path within ${RELAY_MS / 1000} s, ${near.iceConnectionState}` };
    }
    const { roundTripMs, protocol } = await readPair(near);
    const kbps = await load(channel, await arrived);
    return { roundTripMs, protocol, kbps };
  } catch (error) {
    return { problem: platformError(error).message };
  } finally {
    near.close();
    far.close();
  }
}

/**
 * @param {RTCPeerConnection} near
 * @param {RTCPeerConnection} far
 */
async function introduce(near, far) {
  for (const [from, to] of [[near, far], [far, near]]) {
    from.onicecandidate = ({ candidate }) => {
      to.addIceCandidate(candidate ?? undefined).catch(() => {}); // then there is no path, as told
    };
  }
  const offer = await near.createOffer();
  await far.setRemoteDescription(offer);
  await near.setLocalDescription(offer);
  await far.setLocalDescription();
  await near.setRemoteDescription(/** @type {RTCSessionDescription} */ (far.localDescription));
}

/** @param {RTCPeerConnection} pc */
async function readPair(pc) {
  const report = await pc.getStats();
  /** @type {any[]} */
  const all = [...report.values()];
  const pair = all.find(({ type, state, nominated }) =>
    type === 'candidate-pair' && state === 'succeeded' && nominated);
  const local = all.find(({ id }) => id === pair?.localCandidateId);
  const seconds = pair?.currentRoundTripTime;
  return {
    roundTripMs: seconds === undefined ? null : seconds * 1000,
    protocol: String(local?.relayProtocol ?? ''),
  };
}

/**
 * @param {RTCDataChannel} channel
 * @param {RTCDataChannel} arrived
 * @returns {Promise<number>} kbit/s
 */
async function load(channel, arrived) {
  let bytes = 0;
  let first = 0;
  let last = 0;
  arrived.binaryType = 'arraybuffer';
  arrived.onmessage = ({ data }) => {
    last = performance.now();
    first ||= last;
    bytes += data.byteLength;
  };
  const chunk = new Uint8Array(CHUNK);
  channel.bufferedAmountLowThreshold = UNDER_WAY / 2;
  const fill = () => {
    while (channel.readyState === 'open' && channel.bufferedAmount < UNDER_WAY) channel.send(chunk);
  };
  channel.onbufferedamountlow = fill;
  fill();
  await within(LOAD_MS, new Promise(() => {}));
  channel.onbufferedamountlow = null;
  return last > first ? bytes * 8 / (last - first) : 0;
}

/**
 * @template T, [U=undefined]
 * @param {number} milliseconds
 * @param {Promise<T>} promise
 * @param {U} [otherwise] what it resolves to when the time is over
 * @returns {Promise<T | U>}
 */
function within(milliseconds, promise, otherwise) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(otherwise), milliseconds);
  });
  return Promise.race([promise, /** @type {Promise<U>} */ (late)])
    .finally(() => clearTimeout(timer));
}
