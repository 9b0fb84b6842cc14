// What a trace holds: lifelines, the marks each step leaves on them, and the state after any step.

/** The lifelines that every meeting has; each participant has one more. */
export const SERVER = 0;
export const ME = 1;

/** Kinds of marks that can be hidden, and how the page calls them. */
export const GROUPS = {
  messages: 'Messages',
  operations: 'Operations',
  candidates: 'Candidates',
  states: 'States',
  reports: 'Reports',
  quiet: 'Timers and samples',
};

/** What a tile shows, for what the meeting as a whole is in. */
const TILE_STATE = { joining: 'connecting', joined: 'connected', reconnecting: 'reconnecting' };

const QUIET = new Set([
  'timePassed', 'wakeAt', 'announceChange', 'announceChat', 'announceStats', 'sampleStats',
  'statsSampled', 'sampleAudio', 'audioSampled', 'heartbeat',
]);
const CANDIDATES = new Set(['ice-candidate', 'candidateGathered', 'addIceCandidate']);

const groupOf = (name, others = 'operations') => {
  if (QUIET.has(name)) return 'quiet';
  return CANDIDATES.has(name) ? 'candidates' : others;
};

const MAX_LABEL = 120;
/** Other people's texts may hold what turns the writing of the whole line around. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Surrogate}]/gu;
export const short = (text, length = MAX_LABEL) => {
  const clean = String(text).slice(0, length + 1).replace(UNPRINTABLE, '·');
  return clean.length > length ? `${clean.slice(0, length)}…` : clean;
};

const candidateKind = (candidate) => {
  const text = candidate?.candidate;
  return text ? / typ (\w+)/u.exec(text)?.[1] ?? '' : 'end-of-candidates';
};
const onOff = (wishes) => wishes
  .map(({ slot, wanted }) => `${slot} ${wanted ? 'on' : 'off'}`).join(', ');
const list = (items, key) => items.map((item) => (key ? item[key] : item)).join(', ');

/** What else than its name is worth reading of an event, an action or a message's payload. */
const TELLING = {
  joinRequested: ({ room, name }) => `${room} as ${name}`,
  renameRequested: ({ name }) => name,
  mediaWished: ({ wishes }) => onOff(wishes),
  mediaAcquired: ({ slots }) => list(slots),
  mediaFailed: ({ error }) => error.name,
  acquireMedia: ({ requests }) => list(requests, 'slot'),
  releaseTrack: ({ track }) => track.slot,
  trackEnded: ({ track }) => track.slot,
  trackMuted: ({ track }) => track.slot,
  trackUnmuted: ({ track }) => track.slot,
  devicesChanged: ({ devices }) => `${devices.length}`,
  signalingClosed: ({ reason }) => reason,
  actionFailed: ({ error }) => error.name,
  candidateGathered: ({ candidate }) => candidateKind(candidate),
  connectionStateChanged: ({ state }) => state,
  addTransceivers: ({ slots }) => list(slots),
  adoptTransceivers: ({ slots }) => list(slots, 'slot'),
  replaceTrack: ({ slot, track }) => `${slot} ${track ? 'on' : 'off'}`,
  setRemoteDescription: ({ description }) => description.type,
  addIceCandidate: ({ candidate }) => candidateKind(candidate),
  createConnection: ({ connection }) => `#${connection}`,
  closeConnection: ({ connection }) => `#${connection}`,
  settleJoin: ({ failure }) => failure?.code ?? 'joined',
  wakeAt: ({ time }) => time ?? 'never',
  'ice-candidate': ({ candidate }) => candidateKind(candidate),
  'user-joined': ({ userName }) => userName,
  'join-room': ({ roomId }) => roomId,
  'media-state-change': mediaState,
  'media-state-updated': mediaState,
  'participants-list': (entries) => `${entries.length}`,
  'room-users': (entries) => `${entries.length}`,
  'server-error': ({ code }) => code,
  'link-states': ({ rows }) => `${rows.length}`,
  forward: ({ to, name }) => `${name} to ${to}`,
};

function mediaState({ isMuted, isVideoOff }) {
  return `${isMuted ? 'muted' : 'unmuted'}, video ${isVideoOff ? 'off' : 'on'}`;
}

/** The name and what is telling; what is telling may be missing in a trace of another version. */
function nameAndMore(name, value) {
  let more = '';
  try {
    more = Object.hasOwn(TELLING, name) ? TELLING[name](value) : '';
  } catch { /* the name alone, then */ }
  return short(more === '' ? name : `${name} ${more}`);
}

/** The lifelines: who they stand for, by participant and by connection. */
function createLanes() {
  const lanes = [
    { id: '', name: 'Server', bands: [] },
    { id: '', name: 'Me', bands: [] },
  ];
  const byParticipant = new Map();
  const byConnection = new Map();

  function add(id, name) {
    lanes.push({ id, name, bands: [] });
    return lanes.length - 1;
  }

  return {
    lanes,
    of(id) {
      if (!byParticipant.has(id)) byParticipant.set(id, add(id, ''));
      return byParticipant.get(id);
    },
    ofConnection(connection) {
      if (!byConnection.has(connection)) {
        byConnection.set(connection, add('', `connection ${connection}`));
      }
      return byConnection.get(connection);
    },
    connect(connection, id) {
      byConnection.set(connection, this.of(id));
    },
    /** @param {string} id a name of ours on the server, from now on */
    isMe(id) {
      if (typeof id === 'string') byParticipant.set(id, ME);
    },
    rename(id, name) {
      if (name && this.of(id) !== ME) lanes[this.of(id)].name = name;
    },
  };
}

/** The latency of what was handed to the browser, told when its completion comes. */
function createOperations() {
  const running = new Map();
  const key = ({ connection = '', op }) => `${connection} ${op}`;
  return {
    start(action, time) {
      if (Number.isInteger(action.op)) running.set(key(action), { action, time });
    },
    end(event, time) {
      const started = Number.isInteger(event.op) ? running.get(key(event)) : undefined;
      running.delete(key(event));
      return started && { ...started.action, tookMs: time - started.time };
    },
  };
}

/** Reads the steps in their order; each adds its marks to `marks`. */
class Reader {
  lanes = createLanes();
  marks = [];
  #operations = createOperations();
  #step = 0;
  #tiles = new Map();
  #meeting = 'idle';

  read(step, index) {
    this.#step = index;
    const { event, actions, computed, change = {}, time } = step;
    this.#learn(event, actions, change);
    this.#readEvent(event, time);
    if (computed) this.note(ME, 'actions differ', 'difference', 'bad');
    for (const action of actions) this.#readAction(action, time);
    this.#readChange(change);
  }

  note(lane, label, group, tone = 'plain') {
    this.marks.push({ step: this.#step, kind: 'note', from: lane, to: lane, label, group, tone });
  }

  arrow(from, to, label, group, tone = 'plain', isDirect = false) {
    const step = this.#step;
    if (from === to) this.note(from, label, group, tone);
    else this.marks.push({ step, kind: 'arrow', from, to, label, group, tone, isDirect });
  }

  /** Who is who, before anything is drawn of this step. */
  #learn(event, actions, { self, participants = [] }) {
    const { lanes } = this;
    lanes.isMe(self?.id);
    if (event.type === 'signalingOpened') lanes.isMe(event.socketId);
    if (event.type === 'joinAnswered') lanes.isMe(event.answer?.participantId);
    const entries = [event.payload, event.answer?.participants].flat().filter(Boolean);
    for (const { socketId, userName } of entries) {
      if (typeof socketId === 'string') lanes.rename(socketId, userName);
    }
    for (const [id, view] of participants) {
      if (view?.isSelf) lanes.isMe(id);
      else if (view) lanes.rename(id, view.name);
    }
    for (const { type, connection, participant } of actions) {
      if (type === 'createConnection') lanes.connect(connection, participant);
    }
  }

  #laneOf({ connection, participant }) {
    if (connection) return this.lanes.ofConnection(connection);
    return participant ? this.lanes.of(participant) : ME;
  }

  #sender(name, payload) {
    const aboutSender = ['media-state-updated', 'screen-share-started', 'screen-share-ended'];
    const id = aboutSender.includes(name) ? payload?.socketId : payload?.fromId;
    return typeof id === 'string' ? this.lanes.of(id) : SERVER;
  }

  #readEvent(event, time) {
    const { type, name, payload } = event;
    if (type === 'signalReceived') {
      const label = name.endsWith('-left') && typeof payload === 'string'
        ? short(`${name} ${this.lanes.lanes[this.lanes.of(payload)].name}`)
        : nameAndMore(name, payload);
      this.arrow(this.#sender(name, payload), ME, label, groupOf(name, 'messages'));
    } else if (type === 'channelReceived') {
      this.arrow(this.#laneOf(event), ME, nameAndMore(name, payload), 'messages', 'plain', true);
    } else if (type === 'signalRejected') {
      const from = event.from ? this.lanes.of(event.from) : SERVER;
      this.arrow(from, ME, short(`${name} malformed`), 'messages', 'warn');
    } else if (type.endsWith('Answered')) {
      const asked = this.#operations.end(event, time)?.name ?? type;
      const { ok = true, code } = event.answer ?? {};
      this.arrow(SERVER, ME, short(`${asked} ${ok ? 'ok' : code}`), groupOf(asked, 'messages'),
        ok ? 'plain' : 'bad');
    } else if (type.startsWith('signaling')) {
      const tone = type === 'signalingClosed' ? 'warn' : 'plain';
      this.arrow(SERVER, ME, nameAndMore(type, event), 'messages', tone);
    } else {
      this.#readCompletion(event, time);
    }
  }

  #readCompletion(event, time) {
    const { type, error } = event;
    const done = this.#operations.end(event, time);
    const isFailure = type.endsWith('Failed');
    if (!done) {
      this.note(this.#laneOf(event), nameAndMore(type, event), groupOf(type),
        isFailure ? 'bad' : 'plain');
      return;
    }
    const what = event.description?.type ?? done.description?.type ?? '';
    const words = [done.type, what, isFailure ? `✗ ${error?.name}` : '✓', `${done.tookMs} ms`];
    this.note(this.#laneOf(event), short(words.filter(Boolean).join(' ')),
      QUIET.has(type) ? 'quiet' : groupOf(done.type), isFailure ? 'bad' : 'good');
  }

  #readAction(action, time) {
    const { type, name, payload } = action;
    this.#operations.start(action, time);
    if (type === 'emit') {
      const { targetId } = payload ?? {};
      const target = typeof targetId === 'string' ? this.lanes.of(targetId) : SERVER;
      this.arrow(ME, target, nameAndMore(name, payload), groupOf(name, 'messages'));
    } else if (type === 'sendOnChannel') {
      this.arrow(ME, this.#laneOf(action), nameAndMore(name, payload), 'messages', 'plain', true);
    } else if (type === 'openSignaling' || type === 'closeSignaling') {
      this.arrow(ME, SERVER, type, 'messages');
    } else if (type === 'report') {
      const { level, code } = action;
      const tone = { error: 'bad', warn: 'warn' }[level] ?? 'plain';
      this.note(this.#laneOf(action), short(`${level}: ${code}`),
        level === 'debug' ? 'quiet' : 'reports', tone);
    } else {
      this.note(this.#laneOf(action), nameAndMore(type, action), groupOf(type));
    }
  }

  #readChange({ connection, participants = [] }) {
    if (connection) {
      this.#shift(ME, this.#meeting, connection, TILE_STATE[connection] ?? '');
      this.#meeting = connection;
    }
    for (const [id, view] of participants) {
      if (this.lanes.of(id) === ME) continue;
      const before = this.#tiles.get(id) ?? '';
      const after = view?.connection ?? '';
      this.#tiles.set(id, after);
      if (before !== after) this.#shift(this.lanes.of(id), before, after || 'gone', after);
    }
  }

  #shift(lane, before, after, state) {
    this.lanes.lanes[lane].bands.push({ step: this.#step, state });
    this.marks.push({
      step: this.#step, kind: 'state', from: lane, to: lane, group: 'states', tone: 'plain', state,
      label: before ? `${before} → ${after}` : after,
    });
  }
}

const CHECKPOINT_STEPS = 256;

/** Changes, one after the other, into whole states; asked for any step. */
function createHistory(steps) {
  const copy = (state) => ({
    ...state, participants: new Map(state.participants), links: new Map(state.links),
  });
  const merge = (map, changed = []) => {
    for (const [key, value] of changed) {
      if (value === null) map.delete(key);
      else map.set(key, value);
    }
  };
  const apply = (state, change = {}) => {
    const { participants, links, ...plain } = /** @type {any} */ (change);
    merge(state.participants, participants);
    merge(state.links, links);
    Object.assign(state, plain);
  };
  const state = {
    room: '', connection: 'idle', self: null, warnings: [], chat: 0,
    participants: new Map(), links: new Map(),
  };
  const checkpoints = steps.flatMap(({ change }, index) => {
    const checkpoint = index % CHECKPOINT_STEPS === 0 ? [copy(state)] : [];
    apply(state, change);
    return checkpoint;
  });
  return (index) => {
    const nearest = Math.floor(index / CHECKPOINT_STEPS);
    const found = copy(checkpoints[nearest]);
    for (let at = nearest * CHECKPOINT_STEPS; at <= index; at += 1) apply(found, steps[at].change);
    return found;
  };
}

/** @param {{head: any, recomputed: boolean, steps: any[]}} data what tools/replay wrote */
export function readTrace({ head, recomputed, steps }) {
  const reader = new Reader();
  steps.forEach((step, index) => reader.read(step, index));
  const { lanes } = reader.lanes;
  const labels = new Map();
  for (const { step, label } of reader.marks) {
    labels.set(step, `${labels.get(step) ?? ''}${label}\n`);
  }
  return {
    head,
    recomputed,
    steps,
    lanes,
    marks: reader.marks,
    differences: steps.flatMap(({ computed }, index) => (computed ? [index] : [])),
    stateAt: createHistory(steps),
    /** All that can be searched of a step. */
    textOf: (index) => {
      const { event, actions, computed } = steps[index];
      const whole = JSON.stringify([event, actions, computed]);
      return `${labels.get(index) ?? ''}${whole}`.toLowerCase();
    },
  };
}

/** Time since the first event, as the axis tells it. */
export function formatTime(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(3)} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes}:${((ms % 60_000) / 1000).toFixed(3).padStart(6, '0')}`;
}

/** How long something took, roughly. */
export function formatSpan(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
