// As much of a browser and of a signaling server as a meeting needs, in Node; all of it counts.

import { createMeeting } from '../../wasm/index.js';

export class FakeTrack extends EventTarget {
  readyState = 'live';
  contentHint = '';
  stops = 0;
  onended = null;
  /** What it was asked for, and what it says that it gives. */
  asked = [];
  settings = {};

  constructor(kind) {
    super();
    this.kind = kind;
  }

  stop() {
    this.stops += 1;
    this.readyState = 'ended';
  }

  async applyConstraints(constraints) {
    this.asked.push(constraints);
  }

  getSettings() {
    return this.settings;
  }

  /** What a browser does when a device is unplugged. */
  end() {
    this.readyState = 'ended';
    const event = new Event('ended');
    this.onended?.(event);
    this.dispatchEvent(event);
  }
}

export class FakeStream {
  #tracks;

  constructor(tracks = []) {
    this.#tracks = new Set(tracks);
  }

  getTracks() {
    return [...this.#tracks];
  }

  getAudioTracks() {
    return this.getTracks().filter(({ kind }) => kind === 'audio');
  }

  getVideoTracks() {
    return this.getTracks().filter(({ kind }) => kind === 'video');
  }

  addTrack(track) {
    this.#tracks.add(track);
  }

  removeTrack(track) {
    this.#tracks.delete(track);
  }
}

const newSender = () => ({
  track: null,
  parameters: { transactionId: '1', encodings: [{}] },
  getParameters() {
    return structuredClone(this.parameters);
  },
  async setParameters(parameters) {
    this.parameters = parameters;
  },
  async replaceTrack(other) {
    this.track = other;
  },
  setStreams() {},
});

/** An RTCPeerConnection that does as it is told and connects to nobody. */
export class FakeConnection {
  signalingState = 'stable';
  connectionState = 'new';
  localDescription = null;
  onnegotiationneeded = null;
  closes = 0;
  #transceivers = [];

  addTransceiver(kind) {
    const transceiver = {
      mid: null, currentDirection: null,
      receiver: { track: new FakeTrack(kind) }, sender: newSender(),
    };
    if (this.#transceivers.push(transceiver) === 1) {
      queueMicrotask(() => this.onnegotiationneeded?.());
    }
    return transceiver;
  }

  getTransceivers() {
    return this.#transceivers;
  }

  createDataChannel() {
    return { send() {}, close() {} };
  }

  async setLocalDescription() {
    this.signalingState = 'have-local-offer';
    const description = { type: 'offer', sdp: 'v=0\r\n' };
    this.localDescription = { ...description, toJSON: () => description };
  }

  async getStats() {
    return new Map();
  }

  close() {
    this.closes += 1;
    this.signalingState = 'closed';
  }
}

/** A socket.io-client socket of the application's, and the server behind it. */
export class FakeSocket {
  #listeners = [];
  connected = true;
  id = 'self';
  sent = [];
  disconnects = 0;

  /** @param {object} [answer] to join-room */
  constructor(answer = joinAnswer()) {
    this.answer = answer;
  }

  on(name, listener) {
    this.#listeners.push({ name, listener });
  }

  off(name, listener) {
    const index = this.#listeners.findIndex((each) =>
      each.name === name && each.listener === listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  listenerCount(name) {
    return this.#listeners.filter((each) => !name || each.name === name).length;
  }

  /** What comes from the server, or from the connection to it. */
  receive(name, ...parameters) {
    for (const each of [...this.#listeners]) {
      if (each.name === name) each.listener(...parameters);
    }
  }

  emit(name, payload, acknowledge) {
    this.sent.push([name, payload]);
    acknowledge?.(this.answer);
  }

  connect() {}

  disconnect() {
    this.disconnects += 1;
  }
}

/** What the server says to a joiner who finds these others. */
export const joinAnswer = (...others) => ({
  ok: true, protocol: 2, participantId: 'self', iceServers: [],
  participants: ['self', ...others].map((id) => (
    { socketId: id, userName: id, isMuted: false, isVideoOff: false, protocol: 2 })),
});

/**
 * Puts devices in place that answer at once.
 * @returns {{tracks: FakeTrack[]}} every track they ever gave
 */
export function installDevices() {
  const tracks = [];
  const give = (...kinds) => {
    const given = kinds.map((kind) => new FakeTrack(kind));
    tracks.push(...given);
    return new FakeStream(given);
  };
  const mediaDevices = {
    getUserMedia: async ({ audio, video }) =>
      give(...(audio ? ['audio'] : []), ...(video ? ['video'] : [])),
    getDisplayMedia: async () => give('video'),
  };
  Object.defineProperty(globalThis, 'MediaStream', { value: FakeStream, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: { mediaDevices }, configurable: true });
  return { tracks };
}

/** A meeting on fakes; `connections` are those it made, `reports` what it had to say. */
export async function makeMeeting(options = {}, make = createMeeting) {
  const connections = [];
  const reports = [];
  const Connection = options.RTCPeerConnection ?? FakeConnection;
  const socket = options.signaling ?? new FakeSocket();
  const meeting = await make({
    room: 'standup', name: 'Ana', signaling: socket, ...options,
    RTCPeerConnection: class extends Connection {
      constructor(...parameters) {
        super(...parameters);
        connections.push(this);
      }
    },
  });
  meeting.on('report', (report) => reports.push(report));
  return { meeting, connections, reports, socket };
}

/** Lets everything happen that waits for nothing but its turn. */
export const settled = () => new Promise((resolve) => { setImmediate(resolve); });
