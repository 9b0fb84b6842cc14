// One meeting: the core, what it drives, and the methods an application calls.
import { createConnections } from './connections.js';
import { MeetingError, platformError } from './error.js';
import { createMedia } from './media.js';
import { createRecorder } from './recorder.js';
import { createSocket } from './socket.js';

/**
 * @typedef {import('./api.js').Snapshot} Snapshot
 * @typedef {import('./api.js').MeetingOptions} MeetingOptions
 * @typedef {import('./api.js').MeetingEvents} MeetingEvents
 * @typedef {import('./api.js').DeviceWish} DeviceWish
 * @typedef {import('./media.js').Slot} Slot
 * @typedef {{type: string} & Record<string, any>} Action
 * @typedef {{
 *   promise: Promise<void>, resolve: () => void, reject: (error: unknown) => void
 * }} Joining
 */

/** @template T @param {T} value @returns {T} */
function deepFreeze(value) {
  for (const each of Object.values(/** @type {object} */ (value))) {
    if (typeof each === 'object' && each !== null) deepFreeze(each);
  }
  return Object.freeze(value);
}

/**
 * @param {Slot} slot
 * @param {DeviceWish | undefined} wish
 */
const wishOf = (slot, wish) => ({
  slot, wanted: Boolean(wish), deviceId: typeof wish === 'string' ? wish : null,
});

/** @param {DeviceWish | undefined} wish */
const constraintsOf = (wish) => (typeof wish === 'object' ? wish : {});

/** @param {unknown} media @returns {media is MediaStream} */
const isStream = (media) => typeof (/** @type {any} */ (media)?.getTracks) === 'function';

/** A meeting of one person; made by `createMeeting()`. */
export class Meeting {
  #core;
  #options;
  #recorder;
  #media;
  #connections;
  #socket;
  /** @type {Record<string, (action: any) => void>} */
  #arms;
  /** @type {object[]} */
  #queue = [];
  #running = false;
  #crashed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Snapshot | undefined} */
  #snapshot;
  #changeAnnounced = false;
  /** @type {Map<string, Set<(value: any) => void>>} */
  #handlers = new Map();
  /** @type {Joining | undefined} */
  #joining;
  #onPageHide = () => { this.leave(); };

  /**
   * @param {import('./module.js').CoreModule} module
   * @param {import('./module.js').MeetingCore} core
   * @param {object} config what the core was made with
   * @param {MeetingOptions} options
   */
  constructor(module, core, config, options) {
    this.#core = core;
    this.#options = options;
    this.#recorder = createRecorder(config);
    const dispatch = (/** @type {object} */ event) => this.#dispatch(event);
    const media = isStream(options.media) ? {} : options.media ?? {};
    this.#media = createMedia({
      dispatch,
      audio: constraintsOf(media.audio),
      video: constraintsOf(media.video),
      changed: (kind) => this.#fire('track', {
        participantId: this.snapshot.self.id, kind, stream: this.#media.streams[kind],
      }),
    });
    this.#connections = createConnections({
      RTCPeerConnection: options.RTCPeerConnection ?? globalThis.RTCPeerConnection,
      configuration: options.configuration ?? {},
      dispatch,
      media: this.#media,
      changed: (participantId, kind, stream) =>
        this.#fire('track', { participantId, kind, stream }),
    });
    this.#socket = createSocket({
      signaling: options.signaling ?? '', names: module.MeetingCore.signalNames(), dispatch,
    });
    this.#arms = {
      ...this.#media.arms, ...this.#connections.arms, ...this.#socket.arms, ...this.#ownArms(),
    };
    if (isStream(options.media)) this.updateStream(options.media);
    else {
      const wishes = [wishOf('microphone', media.audio), wishOf('camera', media.video)];
      this.#dispatch({ type: 'mediaWished', wishes });
    }
  }

  /** What a person sees right now. @returns {Snapshot} */
  get snapshot() {
    this.#snapshot ??= /** @type {Snapshot} */ (deepFreeze(this.#core.snapshot()));
    return this.#snapshot;
  }

  /**
   * @template {keyof MeetingEvents} Name
   * @param {Name} name
   * @param {(value: MeetingEvents[Name]) => void} handler
   * @returns {() => void} unsubscribes
   */
  on(name, handler) {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers);
    handlers.add(handler);
    return () => { handlers.delete(handler); };
  }

  /**
   * Resolves when in the room; again while on the way in, the same promise.
   * @param {{room?: string, name?: string}} [overrides]
   * @returns {Promise<void>}
   * @throws {MeetingError} `signaling_unreachable`, `join_timeout`, `room_full`, `join_refused`,
   *   `left`, `bad_request`
   */
  join({ room = this.#options.room, name = this.#options.name } = {}) {
    if (this.#joining) return this.#joining.promise;
    if (this.#crashed) return Promise.reject(crashError());
    /** @type {any} */
    const joining = {};
    joining.promise = new Promise((resolve, reject) => Object.assign(joining, { resolve, reject }));
    this.#joining = joining;
    globalThis.addEventListener?.('pagehide', this.#onPageHide);
    try {
      this.#dispatch({ type: 'joinRequested', room, name });
    } catch (error) {
      this.#joining = undefined;
      joining.reject(error);
    }
    return joining.promise;
  }

  /** Releases everything: tracks, connections, timers, the socket.  Again: harmless. */
  async leave() {
    globalThis.removeEventListener?.('pagehide', this.#onPageHide);
    this.#dispatch({ type: 'leaveRequested' });
  }

  /** @param {boolean | string} wish on, off, or on with this device */
  setMicrophone(wish) {
    this.#dispatch({ type: 'mediaWished', wishes: [wishOf('microphone', wish)] });
  }

  /** @param {boolean | string} wish on, off, or on with this device */
  setCamera(wish) {
    this.#dispatch({ type: 'mediaWished', wishes: [wishOf('camera', wish)] });
  }

  /** Needs a user gesture to turn on: the browser asks what to share. @param {boolean} wish */
  setScreen(wish) {
    this.#dispatch({ type: 'mediaWished', wishes: [wishOf('screen', Boolean(wish))] });
  }

  /**
   * Sends the application's own tracks instead of the devices'; never stops them.
   * @param {MediaStream} stream
   */
  updateStream(stream) {
    /** @type {[Slot, MediaStreamTrack | undefined][]} */
    const slots = [
      ['microphone', stream.getAudioTracks()[0]], ['camera', stream.getVideoTracks()[0]],
    ];
    for (const [slot, track] of slots) if (track) this.#media.supply(slot, track);
    const wishes = slots.map(([slot, track]) => (
      { slot, wanted: Boolean(track), deviceId: null, supplied: Boolean(track) }));
    this.#dispatch({ type: 'mediaWished', wishes });
  }

  /**
   * A participant's stream; the same object as long as the connection lives.  `camera` holds the
   * microphone too; the own one is there before joining, under the id ''.
   * @param {string} participantId
   * @param {'camera' | 'screen'} [kind]
   * @returns {MediaStream | null}
   */
  streamOf(participantId, kind = 'camera') {
    if (participantId === this.snapshot.self.id) return this.#media.streams[kind];
    return this.#connections.linkTo(participantId)?.streams[kind] ?? null;
  }

  /** @param {string} text */
  sendChat(text) {
    this.#dispatch({ type: 'chatSubmitted', text, time: new Date().toISOString() });
  }

  /** Builds the connection to one participant anew, or all that are not well.
   * @param {string} [participantId] */
  reconnect(participantId) {
    this.#dispatch({ type: 'reconnectRequested', participant: participantId ?? null });
  }

  /** @param {string} name */
  rename(name) {
    this.#dispatch({ type: 'renameRequested', name });
  }

  /**
   * The browser's own statistics of the connection to one participant.
   * @param {string} participantId
   * @returns {Promise<RTCStatsReport>}
   * @throws {MeetingError} `unknown_participant`
   */
  async stats(participantId) {
    const link = this.#connections.linkTo(participantId);
    if (link) return link.pc.getStats();
    throw new MeetingError('unknown_participant', 'There is no connection to this participant.', {
      participantId,
    });
  }

  /**
   * What happened to the core and what it did, one JSON object a line, for `tools/replay`.
   * @param {{full?: boolean}} [options] `full`: with network addresses, credentials and chat texts,
   *   which are left out otherwise
   * @returns {string}
   */
  trace({ full = false } = {}) {
    return this.#recorder.text(full);
  }

  // ---- between the core and the world ---------------------------------------------------------

  /** @returns {Record<string, (action: any) => void>} */
  #ownArms() {
    return {
      settleJoin: ({ failure }) => {
        const joining = this.#joining;
        this.#joining = undefined;
        if (failure) joining?.reject(new MeetingError(failure.code, failure.detail));
        else joining?.resolve();
      },
      announceChange: () => this.#announceChange(),
      announceChat: ({ id }) => {
        this.#snapshot = undefined;
        this.#fire('chat', this.snapshot.chat.find((each) => each.id === id));
      },
      report: ({ level, code, detail, participant }) => {
        this.#fire('report', { level, code, detail, participant });
        if (level === 'error') {
          const participantId = participant || undefined;
          this.#fire('error', new MeetingError(code, detail, { participantId }));
        }
      },
      wakeAt: ({ time }) => {
        clearTimeout(this.#timer);
        if (time === null) return;
        this.#timer = setTimeout(
          () => this.#dispatch({ type: 'timePassed' }), Math.max(0, time - now()));
      },
    };
  }

  /**
   * One event at a time, in order: what an action causes at once waits for the actions before it.
   * @param {object} event
   */
  #dispatch(event) {
    if (this.#crashed) return;
    this.#queue.push(event);
    if (this.#running) return;
    this.#running = true;
    let refused = '';
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const problem = this.#handle(next);
      if (next === event) refused = problem;
    }
    this.#running = false;
    if (refused) throw new MeetingError('bad_request', `This can't be done: ${refused}.`);
  }

  /**
   * @param {object} event
   * @returns {string} what is wrong with it, or nothing
   */
  #handle(event) {
    const time = now();
    let actions;
    try {
      actions = this.#core.dispatch(time, event);
    } catch (cause) {
      this.#crash(cause);
      return '';
    }
    if (typeof actions === 'string') return actions;
    this.#recorder.add(time, event, actions);
    for (const action of actions) this.#carryOut(action);
    return '';
  }

  /** What throws is the trouble of one connection, not of the actions after it.
   * @param {Action} action */
  #carryOut(action) {
    try {
      this.#arms[action.type](action);
    } catch (error) {
      const { connection } = action;
      if (connection === undefined) queueMicrotask(() => { throw error; });
      else this.#dispatch({ type: 'actionFailed', connection, error: platformError(error) });
    }
  }

  #announceChange() {
    this.#snapshot = undefined;
    if (this.#changeAnnounced) return;
    this.#changeAnnounced = true;
    queueMicrotask(() => {
      this.#changeAnnounced = false;
      this.#fire('change', this.snapshot);
    });
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  #fire(name, value) {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) {
      // A handler's mistake is the application's: it must not keep an action from being done.
      try {
        handler(value);
      } catch (error) {
        queueMicrotask(() => { throw error; });
      }
    }
  }

  /**
   * The module broke: a poisoned instance can't be trusted with anything.
   * @param {unknown} cause
   */
  #crash(cause) {
    this.#crashed = true;
    this.#queue.length = 0;
    this.#snapshot = this.#lastWords();
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.('pagehide', this.#onPageHide);
    this.#connections.close();
    this.#media.close();
    this.#socket.close();
    const error = crashError(cause);
    this.#joining?.reject(error);
    this.#joining = undefined;
    this.#fire('change', this.#snapshot);
    this.#fire('error', error);
  }

  /** @returns {Snapshot} */
  #lastWords() {
    const off = { wanted: false, state: /** @type {const} */ ('off'), error: null };
    return deepFreeze({
      room: '', connection: 'left', participants: [], links: [], warnings: [], chat: [],
      self: { id: '', name: '', microphone: off, camera: off, screen: off },
    });
  }
}

/** @param {unknown} [cause] */
function crashError(cause) {
  return new MeetingError('core_crashed',
    'The meeting broke and was ended. Make a new one to go on.', { cause });
}

/** Monotonic, whole milliseconds. */
function now() {
  return Math.floor(performance.now());
}
