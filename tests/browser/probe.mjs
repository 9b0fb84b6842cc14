// Runs in every page before its own scripts: remembers what the page makes, so that a test can ask
// what is left of it, and bends the devices to the test's wishes.

/**
 * @param {object} [wishes]
 * @param {{width: number, height: number, frameRate: number, camera?: number}} [wishes.capture]
 *   what the camera is asked for, now and later, whatever the page asks: crowds need small
 *   pictures; `camera` is which one, counted from zero
 * @param {boolean} [wishes.thrift] sound goes out as it is recorded, in packets of 60 ms and none
 *   for silence: on two slow cores the packets of thirty voices alone take all the time there is
 * @param {{audio?: string, video?: string}} [wishes.refuse] the DOMException a device answers with
 * @param {number} [wishes.breaks] which connection, counted from one, takes no remote description
 */
export function installProbe({ capture, thrift = false, refuse = {}, breaks = 0 } = {}) {
  const MAX_LINES = 80; // of a log that is read when a test fails
  const MAX_CHARS = 160;
  const started = performance.now();
  const probe = {
    connections: [],
    offers: 0,
    tracks: [],
    sockets: [],
    timers: new Map(),
    frames: new Set(),
    audio: [],
    log: [],
    reports: [],
    meetings: [],
  };
  window.probe = probe;
  const note = (...words) => {
    const line = words.join(' ').slice(0, MAX_CHARS);
    if (/^[←→] (\d$|4\d+\["ice-candidate")/.test(line)) return; // too many, and all alike
    probe.log.push(`${Math.round(performance.now() - started)} ${line}`);
    if (probe.log.length > MAX_LINES) probe.log.shift();
  };

  // The meeting announces what it has to say before anybody could subscribe from outside.
  let meeting;
  Object.defineProperty(window, 'meeting', {
    get: () => meeting,
    set(value) {
      meeting = value;
      probe.meetings.push(meeting);
      meeting.on('report', (report) => {
        probe.reports.push(report);
        note('report', report.level, report.code, report.participant ?? '', report.detail);
      });
    },
  });
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI}`);
  });

  const NativeConnection = window.RTCPeerConnection;
  window.RTCPeerConnection = class RTCPeerConnection extends NativeConnection {
    constructor(...parameters) {
      super(...parameters);
      const number = probe.connections.push(this);
      note('connection', number, 'made');
      this.addEventListener('connectionstatechange', () =>
        note('connection', number, this.connectionState));
      this.addEventListener('signalingstatechange', () =>
        note('connection', number, this.signalingState));
    }

    async setRemoteDescription(...parameters) {
      if (probe.connections.indexOf(this) + 1 === breaks) {
        throw new DOMException('This one is broken', 'OperationError');
      }
      if (!thrift) return super.setRemoteDescription(...parameters);
      const [{ type, sdp }] = parameters;
      return super.setRemoteDescription({
        type, sdp: sdp.replace(/a=fmtp:111 /, 'a=ptime:60\r\na=fmtp:111 usedtx=1;'),
      });
    }

    setLocalDescription(...parameters) {
      const answers = ['have-remote-offer', 'have-local-pranswer'].includes(this.signalingState);
      const type = parameters[0]?.type ?? (answers ? 'answer' : 'offer');
      if (type === 'offer') probe.offers += 1;
      return super.setLocalDescription(...parameters);
    }
  };

  const NativeSocket = window.WebSocket;
  window.WebSocket = class WebSocket extends NativeSocket {
    constructor(...parameters) {
      super(...parameters);
      probe.sockets.push(this);
      this.addEventListener('message', ({ data }) => note('←', data));
    }

    send(data) {
      note('→', data);
      super.send(data);
    }
  };

  for (const kind of ['Timeout', 'Interval']) {
    const set = window[`set${kind}`].bind(window);
    const clear = window[`clear${kind}`].bind(window);
    window[`set${kind}`] = (callback, delay, ...parameters) => {
      const id = set((...values) => {
        if (kind === 'Timeout') probe.timers.delete(id);
        callback(...values);
      }, delay, ...parameters);
      probe.timers.set(id, `${delay} ms ${new Error().stack}`);
      return id;
    };
    window[`clear${kind}`] = (id) => {
      probe.timers.delete(id);
      clear(id);
    };
  }
  const request = window.requestAnimationFrame.bind(window);
  const cancel = window.cancelAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => {
    const id = request((time) => {
      probe.frames.delete(id);
      callback(time);
    });
    probe.frames.add(id);
    return id;
  };
  window.cancelAnimationFrame = (id) => {
    probe.frames.delete(id);
    cancel(id);
  };
  const NativeAudio = window.AudioContext;
  window.AudioContext = class AudioContext extends NativeAudio {
    constructor(...parameters) {
      super(...parameters);
      probe.audio.push(this);
    }
  };

  const devices = navigator.mediaDevices;
  if (!devices) return;
  const keep = (stream) => {
    probe.tracks.push(...stream.getTracks());
    return stream;
  };
  const getUserMedia = devices.getUserMedia.bind(devices);
  const RAW = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  devices.getUserMedia = async (asked) => {
    const constraints = asked.audio && thrift ? { ...asked, audio: RAW } : asked;
    for (const kind of ['video', 'audio']) {
      if (!constraints[kind] || !refuse[kind]) continue;
      throw new DOMException(`${kind} is not for this page`, refuse[kind]);
    }
    const { video } = constraints;
    if (video && capture) {
      const { camera, ...picture } = capture;
      const wanted = { ...(video === true ? {} : video), ...picture };
      if (camera !== undefined) {
        // The second of Chromium's records depth, and no encoder takes that.
        const cameras = (await devices.enumerateDevices())
          .filter(({ kind, label }) => kind === 'videoinput' && label !== 'fake_device_1');
        wanted.deviceId = { exact: cameras[camera].deviceId };
      }
      return keep(await getUserMedia({ ...constraints, video: wanted }));
    }
    return keep(await getUserMedia(constraints));
  };
  const { camera: _, ...fixed } = capture ?? {};
  if (Object.keys(fixed).length > 0) {
    const { applyConstraints } = MediaStreamTrack.prototype;
    MediaStreamTrack.prototype.applyConstraints = function bent() {
      return applyConstraints.call(this, fixed);
    };
  }
  if (!devices.getDisplayMedia) return;
  const getDisplayMedia = devices.getDisplayMedia.bind(devices);
  devices.getDisplayMedia = async (constraints) => keep(await getDisplayMedia(constraints));
}

/** What the page still holds, as text; empty when it has let go of everything. */
export function leftovers() {
  const { connections, tracks, sockets, timers, frames, audio } = window.probe;
  return [
    ...connections.filter(({ signalingState }) => signalingState !== 'closed')
      .map(({ connectionState }) => `RTCPeerConnection ${connectionState}`),
    ...tracks.filter(({ readyState }) => readyState === 'live')
      .map(({ kind, label }) => `${kind} track ${label}`),
    ...sockets.filter(({ readyState }) => readyState !== WebSocket.CLOSED)
      .map(({ url, readyState }) => `WebSocket ${readyState} ${url}`),
    ...[...timers.values()].map((origin) => `timer ${origin}`),
    ...[...frames].map(() => 'animation frame'),
    ...audio.filter(({ state }) => state !== 'closed').map(({ state }) => `AudioContext ${state}`),
    ...[...document.querySelectorAll('video')].filter(({ srcObject }) => srcObject?.active)
      .map(() => 'video with a live stream'),
  ];
}

/** The tiles as the page shows them. */
export function readTiles() {
  return [...document.querySelectorAll('[data-participant]')].map((tile) => {
    const video = tile.querySelector('video');
    return {
      id: tile.dataset.participant,
      name: tile.dataset.name,
      isSelf: 'self' in tile.dataset,
      isScreen: 'screen' in tile.dataset,
      muted: tile.dataset.muted,
      videoOff: tile.dataset.videoOff,
      sharing: tile.dataset.sharing,
      connection: tile.dataset.connection,
      shows: video.videoWidth > 0 && !video.paused && video.readyState >= 2,
    };
  });
}

/** What has come in from each of the others until now. */
export async function readInbound() {
  const { meeting } = window;
  const others = meeting.snapshot.participants.filter(({ isSelf }) => !isSelf);
  return Promise.all(others.map(async ({ id, name }) => {
    const inbound = {
      id, name, cameraFrames: 0, screenFrames: 0, audioPackets: 0, audioEnergy: 0,
    };
    const screen = meeting.streamOf(id, 'screen')?.getVideoTracks()[0]?.id;
    const report = await meeting.statsReport(id).catch(() => new Map());
    for (const each of report.values()) {
      if (each.type !== 'inbound-rtp') continue;
      if (each.kind === 'audio') {
        inbound.audioPackets += each.packetsReceived ?? 0;
        inbound.audioEnergy += each.totalAudioEnergy ?? 0;
      } else if (each.trackIdentifier === screen) {
        inbound.screenFrames += each.framesDecoded ?? 0;
      } else {
        inbound.cameraFrames += each.framesDecoded ?? 0;
      }
    }
    return inbound;
  }));
}

/** The connections that are not closed, and how many there ever were. */
export function readConnections() {
  const { connections, offers, reports } = window.probe;
  const live = connections.filter(({ signalingState }) => signalingState !== 'closed');
  return {
    offers,
    made: connections.length,
    losses: reports.filter(({ code }) => code === 'signaling_lost').length,
    live: live.map((connection) => ({
      state: connection.connectionState,
      transceivers: connection.getTransceivers().length,
      mediaLines: connection.localDescription?.sdp.match(/^m=(audio|video) /gm)?.length ?? 0,
    })),
  };
}

/** Everything a person who reads of a failure wants to know of a page. */
export function describePage() {
  const { meeting, probe } = window;
  return {
    url: location.href,
    snapshot: meeting?.snapshot,
    connections: probe?.connections.map((connection) => [
      connection.signalingState, connection.connectionState, connection.iceConnectionState,
      connection.getTransceivers().map(({ mid, direction, currentDirection }) =>
        [mid, direction, currentDirection].join('/')).join(' '),
    ].join(' ')),
    log: probe?.log,
  };
}
