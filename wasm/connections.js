// Carries out the core's actions on RTCPeerConnections; owns them, and decides nothing.
import { setEncoding } from './encoding.js';
import { platformError, regardless } from './error.js';
import { streamKind } from './media.js';
import { levelOf, ownLevelOf, sampleOf } from './statistics.js';

/**
 * @typedef {import('./media.js').Slot} Slot
 * @typedef {import('./media.js').TrackId} TrackId
 * @typedef {{
 *   participant: string, connection: number, iceServers: any[], channel: boolean
 * }} Creation
 * @typedef {object} Link
 * @property {string} participant
 * @property {RTCPeerConnection} pc
 * @property {RTCDataChannel | null} channel
 * @property {Map<Slot, RTCRtpTransceiver>} slots
 * @property {{camera: MediaStream, screen: MediaStream}} streams
 */

/** @type {Record<Slot, 'audio' | 'video'>} */
const MEDIA_KIND = { microphone: 'audio', camera: 'video', screen: 'video' };

/** @param {string} data */
function parse(data) {
  try {
    const { name, payload } = JSON.parse(data) ?? {};
    return { name, payload };
  } catch {
    return { name: undefined, payload: undefined };
  }
}

/**
 * @param {object} parts
 * @param {typeof RTCPeerConnection} parts.RTCPeerConnection
 * @param {typeof MediaStream} parts.MediaStream
 * @param {RTCConfiguration} parts.configuration beside the ICE servers, which the core names
 * @param {(event: import('./loop.js').Event) => void} parts.dispatch
 * @param {ReturnType<typeof import('./media.js').createMedia>} parts.media
 * @param {(participantId: string, kind: 'camera' | 'screen', stream: MediaStream) => void}
 *   parts.changed
 */
export function createConnections({
  RTCPeerConnection, MediaStream, configuration, dispatch, media, changed,
}) {
  /** @type {Map<number, Link>} */
  const links = new Map();

  /**
   * @param {Link} link
   * @param {Slot} slot
   * @param {RTCRtpTransceiver} transceiver
   */
  function assign(link, slot, transceiver) {
    const kind = streamKind[slot];
    link.slots.set(slot, transceiver);
    link.streams[kind].addTrack(transceiver.receiver.track);
    changed(link.participant, kind, link.streams[kind]);
  }

  /** @param {Link} link */
  const transceiversOf = ({ pc, slots }) => pc.getTransceivers()
    .filter(({ mid, currentDirection }) => mid !== null && currentDirection !== 'stopped')
    .map((transceiver) => ({
      mid: transceiver.mid,
      kind: transceiver.receiver.track.kind,
      slot: [...slots].find(([, each]) => each === transceiver)?.[0] ?? null,
    }));

  /**
   * Answers every promise with one event.
   * @template T
   * @param {{connection: number, op: number}} action
   * @param {(link: Link) => Promise<T>} start
   * @param {(link: Link, value: T) => {type: string}} done
   */
  function run({ connection, op }, start, done) {
    const link = /** @type {Link} */ (links.get(connection));
    const attempt = async () => done(link, await start(link));
    attempt().then(
      (event) => dispatch({ ...event, connection, op }),
      (error) => dispatch({ type: 'operationFailed', connection, op, error: platformError(error) }),
    );
  }

  const operationDone = () => ({ type: 'operationDone' });

  /** @param {Creation} action */
  function create({ participant, connection, iceServers, channel }) {
    const pc = new RTCPeerConnection({ ...configuration, iceServers: iceServers.map(plainServer) });
    const streams = { camera: new MediaStream(), screen: new MediaStream() };
    /** @type {Link} */
    const link = { participant, pc, channel: null, slots: new Map(), streams };
    links.set(connection, link);
    pc.onnegotiationneeded = () => dispatch({ type: 'negotiationNeeded', connection });
    pc.onicecandidate = ({ candidate }) =>
      dispatch({ type: 'candidateGathered', connection, candidate: candidate?.toJSON() ?? null });
    pc.onconnectionstatechange = () =>
      dispatch({ type: 'connectionStateChanged', connection, state: pc.connectionState });
    pc.onicecandidateerror = ({ url, errorCode, errorText }) => dispatch({
      type: 'candidateError', connection, url: url ?? '', code: errorCode, text: errorText ?? '',
    });
    if (channel) listen(link, connection);
  }

  /**
   * @param {Link} link
   * @param {number} connection
   */
  function listen(link, connection) {
    const channel = link.pc.createDataChannel('dvmeet', { negotiated: true, id: 0 });
    link.channel = channel;
    channel.onopen = () => dispatch({ type: 'channelOpened', connection });
    channel.onclose = () => dispatch({ type: 'channelClosed', connection });
    channel.onmessage = ({ data }) =>
      dispatch({ type: 'channelReceived', connection, ...parse(data) });
  }

  /** @param {Link} link */
  function closeLink({ pc, channel }) {
    pc.onnegotiationneeded = pc.onicecandidate = pc.onicecandidateerror = null;
    pc.onconnectionstatechange = null;
    if (channel) {
      channel.onopen = channel.onclose = channel.onmessage = null;
      regardless(() => channel.close());
    }
    pc.close();
  }

  const arms = {
    /** @param {Creation} action */
    createConnection: create,
    /** @param {{connection: number}} action */
    closeConnection({ connection }) {
      const link = links.get(connection);
      if (!link) return;
      links.delete(connection);
      closeLink(link);
    },
    /** @param {{connection: number, slots: Slot[]}} action */
    addTransceivers({ connection, slots }) {
      const link = links.get(connection);
      if (!link) return;
      for (const slot of slots) {
        assign(link, slot, link.pc.addTransceiver(MEDIA_KIND[slot], {
          direction: 'sendrecv', streams: [media.streams[streamKind[slot]]],
        }));
      }
    },
    /** @param {{connection: number, slots: {slot: Slot, mid: string}[]}} action */
    adoptTransceivers({ connection, slots }) {
      const link = links.get(connection);
      if (!link) return;
      const byMid = new Map(link.pc.getTransceivers().map((each) => [each.mid, each]));
      for (const { slot, mid } of slots) {
        const transceiver = /** @type {RTCRtpTransceiver} */ (byMid.get(mid));
        transceiver.direction = 'sendrecv';
        transceiver.sender.setStreams?.(media.streams[streamKind[slot]]);
        assign(link, slot, transceiver);
      }
    },
    /** @param {{connection: number, op: number, slot: Slot, track: TrackId | null}} action */
    replaceTrack(action) {
      run(action, ({ slots }) => {
        const { sender } = /** @type {RTCRtpTransceiver} */ (slots.get(action.slot));
        return sender.replaceTrack(action.track && media.trackOf(action.track));
      }, operationDone);
    },
    /** @param {{connection: number, op: number, slot: Slot, encoding: any}} action */
    setEncoding(action) {
      run(action, ({ slots }) => {
        const { sender } = /** @type {RTCRtpTransceiver} */ (slots.get(action.slot));
        return setEncoding(sender, action.encoding);
      }, operationDone);
    },
    /** @param {{connection: number, op: number}} action */
    setLocalDescription(action) {
      run(action, ({ pc }) => pc.setLocalDescription(), ({ pc }) => ({
        type: 'localDescriptionSet', description: pc.localDescription?.toJSON(),
      }));
    },
    /** @param {{connection: number, op: number, description: RTCSessionDescriptionInit}} action */
    setRemoteDescription(action) {
      run(action, ({ pc }) => pc.setRemoteDescription(action.description), (link) => ({
        type: 'remoteDescriptionSet', transceivers: transceiversOf(link),
      }));
    },
    /** @param {{connection: number, op: number, candidate: RTCIceCandidateInit | null}} action */
    addIceCandidate(action) {
      run(action, ({ pc }) => pc.addIceCandidate(action.candidate ?? undefined), operationDone);
    },
    /** @param {{connection: number}} action */
    restartIce({ connection }) {
      links.get(connection)?.pc.restartIce();
    },
    /** @param {{connection: number, iceServers: any[]}} action */
    updateIceServers({ connection, iceServers }) {
      links.get(connection)?.pc.setConfiguration({
        ...configuration, iceServers: iceServers.map(plainServer),
      });
    },
    /** @param {{connection: number}} action */
    sendKeyFrames({ connection }) {
      const slots = links.get(connection)?.slots;
      for (const slot of /** @type {Slot[]} */ (['camera', 'screen'])) {
        const sender = slots?.get(slot)?.sender;
        if (sender?.track) startAnew(sender);
      }
    },
    /** @param {{connection: number, name: string, payload: object}} action */
    sendOnChannel({ connection, name, payload }) {
      try {
        links.get(connection)?.channel?.send(JSON.stringify({ name, payload }));
      } catch {
        // It closed a moment ago; its own event says so.
      }
    },
    /** @param {{connection: number, op: number, detailed: boolean}} action */
    sampleStats(action) {
      run(action, ({ pc }) => pc.getStats(),
        ({ slots }, report) => sampleOf(report, slots, action.detailed));
    },
    sampleAudio() {
      /** @type {{connection: number, level: number}[]} */
      const levels = [];
      /** @type {RTCRtpSender | undefined} */
      let sender;
      for (const [connection, { slots }] of links) {
        const microphone = slots.get('microphone');
        if (!microphone) continue;
        sender ??= microphone.sender;
        const level = levelOf(microphone.receiver);
        if (level !== undefined) levels.push({ connection, level });
      }
      ownLevelOf(sender).then((own) => dispatch({ type: 'audioSampled', own, levels }));
    },
  };

  return {
    arms,
    /** @param {string} participantId */
    linkTo: (participantId) => [...links.values()]
      .find(({ participant }) => participant === participantId) ?? null,
    close() {
      for (const link of links.values()) regardless(() => closeLink(link));
      links.clear();
    },
  };
}

/**
 * Spec: webrtc-extensions `encodingOptions`.
 * @param {RTCRtpSender} sender
 */
function startAnew(sender) {
  const parameters = sender.getParameters();
  const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }));
  const set = /** @type {(...given: any[]) => Promise<void>} */ (sender.setParameters);
  // Where it isn't known, the receiver asks for a key frame itself, only later.
  set.call(sender, parameters, { encodingOptions }).catch(() => {});
}

/** The browser refuses null where it expects a text or nothing. @param {any} server */
function plainServer({ urls, username, credential }) {
  return username === null ? { urls } : { urls, username, credential };
}
