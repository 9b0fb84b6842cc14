// The public types of dvmeet-core.
import type { MeetingError } from './error.js';
import type { SocketLike } from './socket.js';

/**
 * What can go wrong. The core says:
 * - `malformed_message`: A message broke its shape or limits; it was dropped whole.
 * - `out_of_place`: An event does not fit the present state; nothing changed.
 * - `stale_message`: A message of a connection or generation that is gone; dropped.
 * - `unknown_participant`: A message from, or a wish about, somebody not in the room.
 * - `too_many_participants`: More are here than the mesh takes; beyond 128 they are ignored.
 * - `queue_full`: Candidates or descriptions came faster than they could be used.
 * - `offer_ignored`: An offer collided with ours and we are the impolite side.
 * - `candidate_rejected`: The browser refused a remote candidate; others may still work.
 * - `negotiation_failed`: The browser refused a description; the pair needs a reconnect.
 * - `connection_failed`: ICE or DTLS ended in failure; the pair needs a reconnect.
 * - `connect_timeout`: No media path in the time allowed; the pair needs a reconnect.
 * - `no_answer`: The other side never answered our offer.
 * - `no_relay_configured`: No direct path works, and there is no relay to ask.
 * - `relay_unreachable`: No direct path works, and no relay can be reached.
 * - `credentials_refused`: No direct path works, and the relay refused our credentials.
 * - `udp_blocked`: No STUN or TURN server answers, as in a network without UDP.
 * - `track_rejected`: The browser refused to send a track in this pair.
 * - `encoding_rejected`: The browser refused how a picture is to be sent; it goes on as it was.
 * - `constraints_rejected`: The camera refused another size; it goes on as it was.
 * - `uplink_exceeded`: A room of this size takes more than the uplink carries.
 * - `media_refused`: The person or the browser denied the device.
 * - `media_missing`: No such device.
 * - `media_unsupported`: This page or browser can't use such devices at all.
 * - `media_busy`: The device exists, something else holds it.
 * - `media_ended`: The device stopped by itself (unplugged, taken away).
 * - `media_muted`: The device gives nothing, though it is on and allowed.
 * - `media_failed`: Any other failure to open a device.
 * - `screen_declined`: The person closed the screen picker.
 * - `signaling_unreachable`: The signaling server did not answer.
 * - `signaling_lost`: The socket broke; running calls go on, we try again.
 * - `join_timeout`: The server was reached, but did not let us in in time.
 * - `join_refused`: The server said no.
 * - `room_full`: The room holds as many as the server, or we, let in.
 * - `left`: The meeting was left, or called off, before the request was done.
 * - `ice_servers_failed`: The application gave no ICE servers; a meeting asks again.
 * - `server_error`: The server refused one of our messages.
 * - `displaced`: Another page goes on as this participant; this one has left.
 *
 * and the package itself:
 * - `bad_request`: An argument or option is wrong, or doesn't fit now; the message names it.
 * - `unsupported_browser`: Something a meeting can't be without is missing; checkSupport() lists it.
 * - `insecure_context`: The page is not served by https, and so gets no camera or microphone.
 * - `core_unavailable`: The WebAssembly module could not be loaded; the message says what to mend.
 * - `core_crashed`: The core broke; everything was released. Make a new meeting.
 */
export type MeetingErrorCode =
  | 'malformed_message' | 'out_of_place' | 'stale_message' | 'unknown_participant'
  | 'too_many_participants' | 'queue_full' | 'offer_ignored' | 'candidate_rejected'
  | 'negotiation_failed' | 'connection_failed' | 'connect_timeout' | 'no_answer'
  | 'no_relay_configured' | 'relay_unreachable' | 'credentials_refused' | 'udp_blocked'
  | 'track_rejected' | 'encoding_rejected' | 'constraints_rejected' | 'uplink_exceeded'
  | 'media_refused' | 'media_missing' | 'media_unsupported' | 'media_busy' | 'media_ended'
  | 'media_muted' | 'media_failed' | 'screen_declined' | 'signaling_unreachable'
  | 'signaling_lost' | 'join_timeout' | 'join_refused' | 'room_full' | 'left'
  | 'ice_servers_failed' | 'server_error' | 'displaced' | 'bad_request' | 'unsupported_browser'
  | 'insecure_context' | 'core_unavailable' | 'core_crashed';

export type ConnectionState = 'new' | 'connecting' | 'connected' | 'reconnecting' | 'failed';
export type Quality = 'unknown' | 'excellent' | 'good' | 'poor' | 'lost';
export type SlotName = 'microphone' | 'camera' | 'screen';
export type StreamKind = 'camera' | 'screen';

/** One of the person's own slots: what is wanted, and what there is. */
export interface SlotView {
  readonly wanted: boolean;
  readonly state: 'off' | 'starting' | 'on' | 'failed';
  /** The DOMException that kept it from starting. */
  readonly error: { readonly name: string; readonly message: string } | null;
  /** On, but its device has given nothing for a while: a switch on it, a closed lid, the system. */
  readonly muted: boolean;
}

export interface ParticipantView {
  readonly id: string;
  readonly name: string;
  readonly isSelf: boolean;
  readonly muted: boolean;
  readonly videoOff: boolean;
  readonly sharing: boolean;
  /** The shared screen comes as a stream of its own: `streamOf(id, 'screen')`. */
  readonly hasScreen: boolean;
  /** The server has given the participant up, but its media still flows. */
  readonly signalingLost: boolean;
  readonly connection: ConnectionState;
  readonly error: { readonly code: MeetingErrorCode; readonly detail: string } | null;
  /** Known while statistics are watched. */
  readonly quality: Quality;
}

export interface ChatMessage {
  /** The author's choice; others may have used the same one. */
  readonly id: string;
  /** As the server says; empty where it says nothing of the author. */
  readonly fromId: string;
  readonly sender: string;
  readonly text: string;
  /** When the sender's clock said so; ISO 8601 from clients of this package. */
  readonly time: string;
  readonly own: boolean;
  /** A failed one of one's own can be sent again: `retryChat(id)`. */
  readonly state: 'sending' | 'sent' | 'failed';
  /** Said before this person came, and told as history: no news. */
  readonly earlier: boolean;
}

/** All that a person sees of a meeting; frozen, a new object per change. */
export interface Snapshot {
  readonly room: string;
  readonly connection: 'idle' | 'joining' | 'joined' | 'reconnecting' | 'left';
  readonly self: {
    /** Empty before joining. */
    readonly id: string;
    readonly name: string;
    readonly microphone: SlotView;
    readonly camera: SlotView;
    readonly screen: SlotView;
  };
  /** Self first, then in order of arrival; empty outside a room. */
  readonly participants: readonly ParticipantView[];
  /** Whose voice is heard now; empty: nobody's, or statistics aren't watched. */
  readonly activeSpeaker: string;
  /** Who really receives whom, as the participants tell each other. */
  readonly links: readonly {
    readonly receiver: string;
    readonly sender: string;
    readonly receives: boolean;
  }[];
  readonly warnings: readonly {
    readonly code: MeetingErrorCode;
    readonly detail: string;
    readonly participantId: string;
  }[];
  /** What is sent altogether, and what may be. */
  readonly budget: {
    /** As given or measured; null while nothing speaks for a limit. */
    readonly uplinkBps: number | null;
    /** For all voices, and all pictures as they are shown. */
    readonly wantedBps: number;
    /** Pictures are sent smaller than they are shown. */
    readonly limited: boolean;
  };
  /** The latest 200 messages, oldest first. */
  readonly chat: readonly ChatMessage[];
}

/**
 * Another way to the server than Socket.IO: it carries named messages, tells of their
 * acknowledgements, and says whether it is open. Messages arrive in the order they were sent.
 */
export interface Signaling {
  readonly state: 'closed' | 'opening' | 'open';
  /** The address that a server which acknowledges no join calls this client by. */
  readonly id?: string;
  /** Called while open; what can't be sent is lost. `answered` gets the acknowledgement, if any.
   *  Throwing, or rejecting, it is as good as closed; so is `open()`. */
  send(name: string, payload: object, answered?: (answer: unknown) => void): void | Promise<void>;
  /** Each message of the server. @returns unsubscribes */
  on(event: 'message', handler: (name: string, payload?: unknown) => void): () => void;
  /** Each change of the state, with the reason where it closed. @returns unsubscribes */
  on(event: 'state', handler: (state: Signaling['state'], reason?: string) => void): () => void;
  /** The meeting wants it open, for the first time or again; without it, it opens by itself. */
  open?(): void | Promise<void>;
  /** The meeting needs it no longer. */
  close?(): void;
}

/** Where time comes from: milliseconds that never go back, and timers. */
export interface Clock {
  now(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** One slot in one direction, between the last two samples; what a browser lacks is null. */
export interface Flow {
  readonly slot: SlotName;
  readonly bitrateBps: number | null;
  readonly lossPermille: number | null;
  readonly jitterUs: number | null;
  readonly roundTripUs: number | null;
  readonly fps: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly freezes: number | null;
  readonly frozenPermille: number | null;
  readonly concealedPermille: number | null;
  readonly targetBps: number | null;
  readonly limitation: 'none' | 'cpu' | 'bandwidth' | 'other' | null;
  readonly audioLevel: number | null;
}

export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';
export type CandidateCounts = Readonly<Record<CandidateType, number>>;

/** A candidate pair that was chosen; `at` on the clock of `performance.now()`. */
export interface ChosenPair {
  readonly at: number;
  readonly local: CandidateType | null;
  readonly remote: CandidateType | null;
  readonly protocol: 'udp' | 'tcp' | 'tls' | null;
  readonly relayProtocol: 'udp' | 'tcp' | 'tls' | null;
}

export interface Stats {
  readonly quality: Quality;
  readonly roundTripUs: number | null;
  readonly availableOutgoingBps: number | null;
  readonly received: readonly Flow[];
  readonly sent: readonly Flow[];
  /** The latest 60 samples, oldest first. */
  readonly history: readonly {
    readonly at: number;
    readonly receivedBps: number;
    readonly sentBps: number;
    readonly lossPermille: number;
    readonly roundTripUs: number | null;
    readonly fps: number | null;
  }[];
  readonly path: {
    readonly local: CandidateCounts;
    readonly remote: CandidateCounts;
    readonly directLikely: boolean | null;
    /** What the NAT in front of us does; unknown without two STUN servers that answer. */
    readonly mapping: 'unknown' | 'endpointIndependent' | 'addressDependent';
    readonly relayed: boolean | null;
    /** The present one last. */
    readonly chosen: readonly ChosenPair[];
  };
}

/** Servers whose credentials expire; without `ttlSeconds` they last. */
export interface IceServers {
  iceServers: RTCIceServer[];
  ttlSeconds?: number;
}

/** What the camera is asked for while at most so many people are in the room, oneself included. */
export interface CaptureRow {
  participants: number;
  width: number;
  height: number;
  frameRate: number;
}

/** How large pictures are taken and sent. */
export interface QualityOptions {
  /** Pictures are sent as large as they are shown and as the uplink carries them; default true. */
  adapt?: boolean;
  /** By rising `participants`: the first row that holds so many counts, beyond all of them the
   *  last. Without rows the camera stays as it was opened; a stream of the application's own always
   *  does. Default: 1280 × 720 at 30 for two, 640 × 480 at 24 for four, then 320 × 240 at 15. */
  capture?: readonly CaptureRow[];
  /** What may be sent altogether, in kbit/s; by default as much as is measured. */
  uplinkKbps?: number;
}

/** Units: kbit/s; `up` and `down` of one participant, `total` of everybody's uplinks. */
export interface MeshBandwidth {
  readonly connections: number;
  readonly up: number;
  readonly down: number;
  readonly total: number;
}

export type DeviceWish = boolean | string | MediaTrackConstraints;

/** Bounds and times of the core, with their defaults. Units: ms, where the name says so. */
export interface Limits {
  /** Remote candidates kept per peer until their description is set: 256. */
  candidateCapacity?: number;
  /** How long a candidate may wait for its description: 30,000. */
  candidateWaitMs?: number;
  /** How long a resident waits for a newcomer's offer before it offers itself: 4,000. */
  offerWaitMs?: number;
  /** The same for a plain client: 1,000. */
  plainOfferWaitMs?: number;
  /** A pair that is not connected by then shows as failed: 30,000. */
  connectTimeoutMs?: number;
  /** A join that the server has not answered by then fails: 10,000. */
  joinTimeoutMs?: number;
  /** First pause before a lost socket is opened again, which doubles: 500. */
  signalingRetryMs?: number;
  /** The longest such pause: 5,000. */
  signalingRetryLongestMs?: number;
  /** How often it is looked whether media comes in: 750. */
  samplePeriodMs?: number;
  /** How often figures are sampled while statistics are watched: 2,000. */
  statsPeriodMs?: number;
  /** How often levels of voices are: 300. */
  audioPeriodMs?: number;
  /** Inbound media that stands still for so long is a dead path: 2,500. */
  silenceMs?: number;
  /** A server that has not answered a heartbeat by then is gone: 2,500. */
  heartbeatPatienceMs?: number;
  /** A socket that is not open by then is given up for another one: 4,000. */
  openTimeoutMs?: number;
  /** The first try to bring a pair back counts as failed after so long: 3,000. */
  recoveryWaitMs?: number;
}

export interface MeetingOptions {
  /** What to join, unless `join()` says; 1 to 256 bytes of UTF-8, as the name. */
  room?: string;
  /** What the others see; needed to join, here or in `join()`. `rename()` changes it. */
  name?: string;
  /** The signaling server's address (default: the page's own origin), a Socket.IO client socket
   *  that the application owns, or another way to the server. */
  signaling?: string | URL | SocketLike | Signaling;
  /** Used beside those that the server names. A function is asked when the meeting is made, and
   *  again when three quarters of the `ttlSeconds` that it gave are over; if it fails then, the
   *  former servers stay, and it is asked again after a while. */
  iceServers?: RTCIceServer[] | (() => Promise<RTCIceServer[] | IceServers>);
  /** A room of more people is not joined (`room_full`); from 2 to 128, default 12. Whoever is
   *  inside stays when more come, with a warning. */
  maxParticipants?: number;
  quality?: QualityOptions;
  /** Further RTCConfiguration: iceTransportPolicy, bundlePolicy (default: max-bundle), … */
  configuration?: Omit<RTCConfiguration, 'iceServers'>;
  /** What to start with: on, off, a device, constraints; or a stream of the application's own. */
  media?: { audio?: DeviceWish; video?: DeviceWish } | MediaStream;
  /** Another place of `dvmeet.wasm`, or its bytes. */
  wasm?: URL | string | BufferSource | WebAssembly.Module;
  /** Aborted while the meeting is being made, it makes none (`left`), and opens no device. */
  signal?: AbortSignal;
  /** Of a native binding, where the platform has none of its own. */
  RTCPeerConnection?: typeof RTCPeerConnection;
  MediaStream?: typeof MediaStream;
  mediaDevices?: Pick<MediaDevices, 'getUserMedia' | 'getDisplayMedia'>;
  clock?: Clock;
  limits?: Limits;
}

export interface MeetingEvents {
  change: Snapshot;
  chat: ChatMessage;
  error: MeetingError;
  /** New figures: `stats(participantId)`. */
  stats: { participantId: string };
  track: { participantId: string; kind: StreamKind; stream: MediaStream };
  /** Everything the core has to say, for logs. */
  report: {
    level: 'error' | 'warn' | 'info' | 'debug';
    code: MeetingErrorCode;
    detail: string;
    participant: string;
  };
}

export interface Support {
  /** Whether there can be a meeting at all. */
  readonly ok: boolean;
  /** Why not. */
  readonly missing: readonly string[];
  /** Everything a meeting uses, by name, and whether it is there. */
  readonly features: Readonly<Record<SupportFeature, boolean>>;
  readonly canShareScreen: boolean;
}
export type SupportFeature =
  | 'secure context' | 'WebAssembly' | 'RTCPeerConnection' | 'getUserMedia' | 'getDisplayMedia'
  | 'enumerateDevices' | 'replaceTrack' | 'RTCDataChannel' | 'restartIce' | 'WebSocket'
  | 'AudioContext';

/** `skip`: there was nothing to check. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'skip';

export interface Check {
  /** support, camera, microphone, signaling, ice-servers (only where the application's function
   *  fails), stun, turn-udp, turn-tcp, turn-tls, relayed */
  readonly name: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly detail: string;
  /** What to do about it; empty where nothing is to be done. */
  readonly advice: string;
}

export interface DiagnoseOptions {
  /** Default: the page's own origin; null: without a server. */
  signaling?: string | URL | null;
  /** Checked beside those that the server names. */
  iceServers?: MeetingOptions['iceServers'];
  /** Whether camera and microphone are opened; default true. */
  devices?: boolean;
  /** Called with each check as soon as it is done. */
  onCheck?: (check: Check) => void;
}

export interface Diagnosis {
  /** The worst of all checks. */
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  /** To be copied: without credentials, or addresses but the servers'. */
  readonly text: string;
}
