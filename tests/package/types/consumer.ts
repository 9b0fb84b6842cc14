// Uses that must be accepted, and, each below its expectation, uses that must not.
import { io } from 'socket.io-client';
import { createRef, type ReactNode } from 'react';
import {
  checkSupport, createMeeting, Meeting, MeetingError, meshBandwidth, type CandidateCounts,
  type CandidateType, type ChatMessage, type ChosenPair, type Clock, type Flow, type Limits,
  type MeetingErrorCode, type Quality, type Signaling, type SlotName, type Snapshot, type Stats,
} from 'dvmeet-core';
import { diagnose, type Diagnosis } from 'dvmeet-core/diagnose';
import {
  usePeerConnections, useMeeting, VideoTile, type PeerConnectionsOptions,
} from 'dvmeet-core/react';
import { createMeeting as createAlone } from 'dvmeet-core/standalone';

const meeting: Meeting = await createMeeting({
  room: 'a', media: { audio: true, video: 'camera-1' }, signaling: io(),
});
const off: () => void = meeting.on('change', (snapshot: Snapshot) => {
  const first = snapshot.participants[0]!;
  const state: 'new' | 'connecting' | 'connected' | 'reconnecting' | 'failed' = first.connection;
  // @ts-expect-error a snapshot is read-only
  first.name = state;
  // @ts-expect-error so are its lists
  snapshot.participants.push(first);
  // @ts-expect-error there is no such state
  if (snapshot.connection === 'connected') off();
});
meeting.on('chat', (message: ChatMessage) => message.text.trim());
meeting.on('error', (error: MeetingError) => {
  const [code, participantId]: [MeetingErrorCode, string | undefined] = [error.code, error.participantId];
  void [code, participantId, error.cause];
});
meeting.on('track', ({ participantId, kind, stream }) => {
  const [id, which, media]: [string, 'camera' | 'screen', MediaStream]
    = [participantId, kind, stream];
  void [id, which, media];
});
// @ts-expect-error there is no such event
meeting.on('changed', () => {});
// @ts-expect-error an error has a code, not a reason
meeting.on('error', ({ reason }) => void reason);

const stream: MediaStream | null = meeting.streamOf('x', 'screen');
// @ts-expect-error it may be null
stream.getTracks();
// @ts-expect-error there is no such stream
meeting.streamOf('x', 'microphone');
await meeting.join({ name: 'Ana' });
// @ts-expect-error a name is a text
await meeting.join({ name: 5 });
// @ts-expect-error meetings are made by createMeeting()
new Meeting();
const same: typeof createMeeting = createAlone;
const diagnosis: Diagnosis = await diagnose({ signaling: null, devices: false });
// @ts-expect-error there is no such verdict
void (diagnosis.verdict === 'good');
const code: MeetingErrorCode | undefined = meeting.snapshot.participants[0]?.error?.code
  ?? meeting.snapshot.warnings[0]?.code;
meeting.on('report', ({ code: reported }) => {
  // @ts-expect-error there is no such code
  if (reported === 'media-refused') off();
});
const stats: Stats | null = meeting.stats('x');
const flow: Flow | undefined = stats?.received[0];
const slot: SlotName | undefined = flow?.slot;
const chosen: ChosenPair | undefined = stats?.path.chosen.at(-1);
const type: CandidateType | null | undefined = chosen?.local;
const counts: CandidateCounts | undefined = stats?.path.remote;
const level: Quality | undefined = stats?.quality;
void [same, code, slot, type, counts, level];
const limits: Limits = { joinTimeoutMs: 5000 };
// @ts-expect-error there is no such limit
await createMeeting({ limits: { joinTimeout: 5000 } });
await createMeeting({ limits });

const quality: 'unknown' | 'excellent' | 'good' | 'poor' | 'lost' | undefined =
  meeting.stats('x')?.quality;
const report: RTCStatsReport = await meeting.statsReport('x');
meeting.setCamera('device');
meeting.retryChat(meeting.snapshot.chat[0]!.id);
meeting.showTile('x', 'screen', { width: 640, height: 360 });
// @ts-expect-error a voice has no size
meeting.showTile('x', 'microphone', { width: 640, height: 360 });
const up: number = meshBandwidth(4, 1000).up;
const uplink: number | null = meeting.snapshot.budget.uplinkBps;
await createMeeting({
  room: 'a', quality: { uplinkKbps: up + (uplink ?? 0), adapt: true,
    capture: [{ participants: 2, width: 640, height: 360, frameRate: 24 }] },
});
// @ts-expect-error a rate is a number
await createMeeting({ room: 'a', quality: { uplinkKbps: 'fast' } });
// @ts-expect-error a screen is on or off
meeting.setScreen('window-1');

// @ts-expect-error a room is a text
await createMeeting({ room: 5 });
// @ts-expect-error there is no such option
await createMeeting({ server: 'https://meet.example' });

const signaling: Signaling = {
  state: 'open',
  send: (name: string, payload: object) => void [name, payload],
  on: () => () => {},
};
const clock: Clock = { now: () => 0, setTimeout: () => 1, clearTimeout: () => {} };
await createMeeting({ signaling, clock, wasm: new Uint8Array() });
// @ts-expect-error a carrier has a state
await createMeeting({ signaling: { send() {}, on: () => () => {} } });
// @ts-expect-error a clock has timers
await createMeeting({ clock: { now: () => 0 } });

const missing: readonly string[] = checkSupport().missing;
void [quality, report, missing];

export function Component() {
  const { meeting: current, snapshot, error, restart } = useMeeting({ room: 'a', autoJoin: false });
  restart();
  const room: string = snapshot.room;
  const message: string | undefined = error?.message;
  // @ts-expect-error there is no meeting at first
  current.leave();
  // @ts-expect-error a room is needed
  useMeeting({ name: 'Ana' });
  // @ts-expect-error there is no such stream
  VideoTile({ meeting, participantId: 'x', kind: 'microphone' });
  const options: PeerConnectionsOptions = { iceServers: [{ urls: 'stun:stun.example' }] };
  const { peerStreams, updatePeerStreams, isConnecting, connectionError }
    = usePeerConnections(io(), stream, 'a', options);
  // @ts-expect-error the room has its own place
  usePeerConnections(io(), stream, 'a', { room: 'b' });
  const one: MediaStream | undefined = peerStreams['x'];
  const wrong: [boolean, string | null] = [isConnecting, connectionError];
  updatePeerStreams(new MediaStream());
  // @ts-expect-error a stream, not a track
  updatePeerStreams(new MediaStreamTrack());
  void [room, message, one, wrong];
  const ref = createRef<HTMLVideoElement>();
  const tile: ReactNode = VideoTile({ meeting, participantId: 'x', className: 'tile', ref });
  return tile;
}
