// One meeting: the core, what it drives, and the methods an application calls.
import { systemClock } from './clock.js';
import { createConnections } from './connections.js';
import { createEmitter } from './emitter.js';
import { causeOf, crashError, MeetingError, platformError, regardless } from './error.js';
import { askForServers } from './ice-servers.js';
import { createLoop } from './loop.js';
import { createMedia } from './media.js';
import { watchNetwork } from './network.js';
import { platformOf } from './platform.js';
import { tileOf } from './quality.js';
import { createRecorder } from './recorder.js';
import { createSignaling } from './signaling.js';
import { snapshotOf } from './snapshot.js';
import { constraintsOf, isStream, tracksBySlot, wishOf } from './wishes.js';

/**
 * @typedef {import('./api.js').Snapshot} Snapshot
 * @typedef {import('./api.js').MeetingOptions} MeetingOptions
 * @typedef {import('./api.js').MeetingEvents} MeetingEvents
 * @typedef {import('./api.js').DeviceWish} DeviceWish
 * @typedef {import('./loop.js').Action} Action
 * @typedef {import('./loop.js').Event} Event
 * @typedef {{
 *   promise: Promise<void>, resolve: () => void, reject: (error: unknown) => void
 * }} Joining
 */

/** A meeting of one person; made by `createMeeting()`. */
export class Meeting {
  #options;
  #clock;
  #recorder;
  #loop;
  #media;
  #connections;
  #signaling;
  /** @type {Record<string, (action: any, event?: any) => void>} */
  #arms;
  /** Of the clock, whatever it calls a timer. @type {unknown} */
  #timer = null;
  /** @type {Snapshot | undefined} */
  #snapshot;
  #changeAnnounced = false;
  #emitter = createEmitter();
  /** @type {Joining | undefined} */
  #joining;
  /** What to join as. @type {string | undefined} */
  #name;
  /** Asked for last, until it is left. @type {string | undefined} */
  #room;
  #onPageHide = () => { this.leave(); };
  #unwatch = () => {};

  /**
   * @param {import('./module.js').Core} core
   * @param {object} config what the core was made with
   * @param {MeetingOptions} options
   * @internal
   */
  constructor(core, config, options) {
    this.#options = options;
    this.#name = options.name;
    this.#clock = options.clock ?? systemClock;
    this.#recorder = createRecorder(config);
    this.#loop = createLoop({
      core,
      now: () => this.#now(),
      record: this.#recorder.add,
      carryOut: (action, event) => this.#carryOut(action, event),
      refused: (event, problem) => this.#tellRefused(event, problem),
      crashed: (cause) => this.#crash(cause),
    });
    const { dispatch } = this.#loop;
    const media = isStream(options.media) ? {} : options.media ?? {};
    const platform = platformOf(options);
    this.#media = createMedia({
      ...platform,
      dispatch,
      audio: constraintsOf(media.audio),
      video: constraintsOf(media.video),
      changed: (kind) => this.#emitter.fire('track', {
        participantId: this.snapshot.self.id, kind, stream: this.#media.streams[kind],
      }),
    });
    this.#connections = createConnections({
      ...platform,
      // One path carries all lines; to gather candidates for each line would only take time.
      configuration: { bundlePolicy: 'max-bundle', ...options.configuration },
      dispatch,
      media: this.#media,
      changed: (participantId, kind, stream) =>
        this.#emitter.fire('track', { participantId, kind, stream }),
    });
    this.#signaling = createSignaling({
      signaling: options.signaling, names: core.signalNames(), dispatch,
    });
    this.#arms = {
      ...this.#media.arms, ...this.#connections.arms, ...this.#signaling.arms, ...this.#ownArms(),
    };
    globalThis.addEventListener?.('pagehide', this.#onPageHide);
    if (isStream(options.media)) this.updateStream(options.media);
    else {
      const wishes = [wishOf('microphone', media.audio), wishOf('camera', media.video)];
      this.#request({ type: 'mediaWished', wishes });
    }
  }

  /** What a person sees right now. @returns {Snapshot} */
  get snapshot() {
    this.#snapshot ??= snapshotOf(this.#loop.snapshot());
    return this.#snapshot;
  }

  /**
   * @template {keyof MeetingEvents} Name
   * @param {Name} name
   * @param {(value: MeetingEvents[Name]) => void} handler
   * @returns {() => void} unsubscribes
   */
  on(name, handler) {
    return this.#emitter.on(name, handler);
  }

  /**
   * Resolves when in the room; again while on the way in, the same promise. Another room is joined
   * once this one is left. After a failure the devices stay as they are, until `leave()`.
   * @param {{room?: string, name?: string}} [overrides]
   * @returns {Promise<void>}
   * @throws {MeetingError} `signaling_unreachable`, `join_timeout`, `room_full`, `join_refused`,
   *   `left`, `displaced`, `bad_request`, `core_crashed`
   */
  join(overrides = {}) {
    if (typeof overrides !== 'object' || overrides === null) {
      return Promise.reject(badRequest('what to join is not an object'));
    }
    const isOut = !this.#joining && ['idle', 'left'].includes(this.snapshot.connection);
    const current = isOut ? undefined : this.#room;
    const { room = current ?? this.#options.room, name = this.#name } = overrides;
    if (current !== undefined && room !== current) {
      return Promise.reject(badRequest('the meeting is in another room; leave it first'));
    }
    if (this.#joining) return this.#joining.promise;
    if (this.#loop.isBroken()) return Promise.reject(crashError());
    /** @type {any} */
    const joining = {};
    joining.promise = new Promise((resolve, reject) => Object.assign(joining, { resolve, reject }));
    this.#joining = joining;
    this.#room = room;
    globalThis.addEventListener?.('pagehide', this.#onPageHide);
    this.#watch();
    this.#loop.dispatch({ type: 'joinRequested', room, name });
    return joining.promise;
  }

  #watch() {
    this.#unwatch();
    const unwatchNetwork = watchNetwork(this.#loop.dispatch);
    this.#media.watch();
    this.#unwatch = () => {
      unwatchNetwork();
      this.#media.unwatch();
    };
  }

  /** Releases everything: tracks, connections, timers, the socket.  Again: harmless. */
  async leave() {
    this.#room = undefined;
    this.#unwatch();
    globalThis.removeEventListener?.('pagehide', this.#onPageHide);
    this.#request({ type: 'leaveRequested' });
  }

  /**
   * @param {boolean | string} wish on, off, or on with this device
   * @throws {MeetingError} `bad_request`
   */
  setMicrophone(wish) {
    this.#request({ type: 'mediaWished', wishes: [wishOf('microphone', wish)] });
  }

  /**
   * @param {boolean | string} wish on, off, or on with this device
   * @throws {MeetingError} `bad_request`
   */
  setCamera(wish) {
    this.#request({ type: 'mediaWished', wishes: [wishOf('camera', wish)] });
  }

  /** Needs a user gesture to turn on: the browser asks what to share. @param {boolean} wish */
  setScreen(wish) {
    this.#request({ type: 'mediaWished', wishes: [wishOf('screen', Boolean(wish))] });
  }

  /**
   * Sends the application's own tracks instead of the devices'; never stops them.
   * @param {MediaStream} stream
   * @throws {MeetingError} `bad_request`
   */
  updateStream(stream) {
    if (!isStream(stream)) throw badRequest('stream is not a MediaStream');
    const slots = tracksBySlot(stream);
    for (const [slot, track] of slots) if (track) this.#media.supply(slot, track);
    const wishes = slots.map(([slot, track]) => (
      { slot, wanted: Boolean(track), deviceId: null, supplied: Boolean(track) }));
    this.#request({ type: 'mediaWished', wishes });
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

  /**
   * How large a participant is shown, in pixels of the device: the other side sends no more than
   * that.  0 × 0: nobody sees it, and nothing is sent.  Until this is called, all there is.
   * @param {string} participantId
   * @param {'camera' | 'screen'} kind
   * @param {{width: number, height: number}} size
   * @throws {MeetingError} `bad_request`
   */
  showTile(participantId, kind, size) {
    this.#request(tileOf(participantId, kind, size));
  }

  /**
   * @param {string} text 1 to 16,384 bytes of UTF-8
   * @throws {MeetingError} `bad_request`
   */
  sendChat(text) {
    this.#request({ type: 'chatSubmitted', text, time: new Date().toISOString() });
  }

  /**
   * Sends a message of one's own again that shows as failed.
   * @param {string} id
   * @throws {MeetingError} `bad_request`
   */
  retryChat(id) {
    this.#request({ type: 'chatRetried', id });
  }

  /**
   * Builds the connection to one participant anew, or all that are not well.
   * @param {string} [participantId]
   * @throws {MeetingError} `bad_request`
   */
  reconnect(participantId) {
    this.#request({ type: 'reconnectRequested', participant: participantId ?? null });
  }

  /**
   * Before joining: what `join()` joins as.
   * @param {string} name
   * @throws {MeetingError} `bad_request`
   */
  rename(name) {
    this.#request({ type: 'renameRequested', name });
    this.#name = name;
  }

  /**
   * Figures, levels and the active speaker are sampled while somebody looks at them: `stats`
   * events follow, `quality` and `activeSpeaker` are known.  @param {boolean} on
   */
  watchStats(on) {
    this.#request({ type: 'statsWatched', on: Boolean(on) });
  }

  /**
   * What is known of the connection to one participant: figures between the last two samples, a
   * history, the path.
   * @param {string} participantId
   * @returns {import('./api.js').Stats | null} null where there is no connection
   */
  stats(participantId) {
    return this.#loop.stats(participantId);
  }

  /**
   * The browser's own statistics of the connection to one participant.
   * @param {string} participantId
   * @returns {Promise<RTCStatsReport>}
   * @throws {MeetingError} `unknown_participant`, `connection_failed`
   */
  async statsReport(participantId) {
    const link = this.#connections.linkTo(participantId);
    if (!link) {
      const message = 'There is no connection to this participant.';
      throw new MeetingError('unknown_participant', message, { participantId });
    }
    try {
      return await link.pc.getStats();
    } catch (cause) {
      throw new MeetingError('connection_failed', 'The browser gave no statistics: '
        + `${platformError(cause).message}.`, { participantId, cause });
    }
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

  /** @returns {Record<string, (action: any, event?: any) => void>} */
  #ownArms() {
    return {
      settleJoin: ({ failure }) => {
        const joining = this.#joining;
        this.#joining = undefined;
        if (failure) this.#unwatch();
        if (failure) joining?.reject(new MeetingError(failure.code, failure.detail));
        else joining?.resolve();
      },
      announceChange: () => this.#announceChange(),
      announceChat: () => {
        this.#snapshot = undefined;
        this.#emitter.fire('chat', this.snapshot.chat.at(-1));
      },
      askIceServers: ({ op }) => askForServers(this.#options.iceServers).then(
        (servers) => this.#loop.dispatch({ type: 'iceServersGiven', op, ...servers }),
        (error) => this.#loop.dispatch(
          { type: 'iceServersFailed', op, error: platformError(error) })),
      announceStats: ({ participant }) =>
        this.#emitter.fire('stats', { participantId: participant }),
      report: ({ level, code, detail, participant }, event) => {
        this.#emitter.fire('report', { level, code, detail, participant });
        if (level !== 'error') return;
        this.#snapshot = undefined; // who handles it may look
        const participantId = participant || undefined;
        const cause = causeOf(event);
        this.#emitter.fire('error', new MeetingError(code, detail, { participantId, cause }));
      },
      wakeAt: ({ time }) => {
        this.#clearTimer();
        if (time === null) return;
        this.#timer = this.#clock.setTimeout(
          () => this.#loop.dispatch({ type: 'timePassed' }), Math.max(0, time - this.#now()));
      },
    };
  }

  #now() {
    return Math.floor(this.#clock.now());
  }

  #clearTimer() {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Only who asks for something is told by an exception. @param {Event} event */
  #request(event) {
    const problem = this.#loop.request(event);
    if (problem) throw badRequest(problem);
  }

  /** @param {Event} event @param {string} problem */
  #tellRefused({ type, connection, op }, problem) {
    if (type === 'joinRequested') {
      this.#arms.settleJoin({ failure: { code: 'bad_request', detail: refusal(problem) } });
      return;
    }
    const detail = `'${type}' can't be read: ${problem}`;
    this.#arms.report({ level: 'warn', code: 'malformed_message', detail, participant: '' });
    // The core waits for the end of this operation, whatever it was.
    if (connection === undefined || op === undefined || type === 'operationFailed') return;
    const error = { name: 'DataError', message: detail };
    this.#loop.dispatch({ type: 'operationFailed', connection, op, error });
  }

  /** What throws is the trouble of one connection, not of the actions after it.
   * @param {Action} action @param {Event} event what it answers */
  #carryOut(action, event) {
    try {
      this.#arms[action.type](action, event);
    } catch (error) {
      const { connection } = action;
      if (connection === undefined) queueMicrotask(() => { throw error; });
      else this.#loop.dispatch({ type: 'actionFailed', connection, error: platformError(error) });
    }
  }

  #announceChange() {
    this.#snapshot = undefined;
    if (this.#changeAnnounced) return;
    this.#changeAnnounced = true;
    queueMicrotask(() => {
      this.#changeAnnounced = false;
      this.#emitter.fire('change', this.snapshot);
    });
  }

  /** The module broke, and nobody is left to say what to close. @param {unknown} cause */
  #crash(cause) {
    this.#snapshot = undefined;
    regardless(() => this.#media.close());
    regardless(() => this.#connections.close());
    regardless(() => this.#signaling.close());
    regardless(() => this.#clearTimer());
    regardless(() => this.#unwatch());
    globalThis.removeEventListener?.('pagehide', this.#onPageHide);
    const error = crashError(cause);
    this.#joining?.reject(error);
    this.#joining = undefined;
    this.#emitter.fire('change', this.snapshot);
    this.#emitter.fire('error', error);
  }
}

const refusal = (/** @type {string} */ problem) => `This can't be done: ${problem}.`;
const badRequest = (/** @type {string} */ problem) =>
  new MeetingError('bad_request', refusal(problem));
