// A bot in a meeting, in Node: sends a moving picture, and counts what it sees of the others.
// node bot.mjs SERVER ROOM NAME

import wrtc from '@roamhq/wrtc';
import { createMeeting } from 'dvmeet-core';

const { MediaStream, nonstandard: { RTCVideoSink, RTCVideoSource } } = wrtc;
const [, , server = 'http://localhost:8080', room = 'standup', name = 'Bot'] = process.argv;

/** Makes descriptions where none is given, as browsers do by themselves. */
class RTCPeerConnection extends wrtc.RTCPeerConnection {
  async setLocalDescription(description) {
    const isAnswer = this.signalingState === 'have-remote-offer';
    return super.setLocalDescription(description
      ?? (isAnswer ? await this.createAnswer() : await this.createOffer()));
  }
}

const WIDTH = 160;
const HEIGHT = 120;

/** A grey that changes with each picture. */
function startPicture() {
  const source = new RTCVideoSource();
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 1.5).fill(128);
  let count = 0;
  const timer = setInterval(() => {
    count += 1;
    data.fill(count % 256, 0, WIDTH * HEIGHT);
    source.onFrame({ width: WIDTH, height: HEIGHT, data });
  }, 100);
  return { track: source.createTrack(), stop: () => clearInterval(timer) };
}

const picture = startPicture();
const meeting = await createMeeting({
  room, name, signaling: server, RTCPeerConnection, MediaStream,
  media: new MediaStream([picture.track]),
});

/** @type {Map<string, {stop(): void}>} */
const sinks = new Map();

meeting.on('track', ({ participantId, kind, stream }) => {
  const [track] = stream.getVideoTracks();
  if (!track || kind !== 'camera' || participantId === meeting.snapshot.self.id) return;
  sinks.get(participantId)?.stop();
  const sink = new RTCVideoSink(track);
  sinks.set(participantId, sink);
  let frames = 0;
  sink.onframe = () => {
    frames += 1;
    if (frames !== 10) return;
    const sender = meeting.snapshot.participants.find(({ id }) => id === participantId);
    console.log(JSON.stringify({ sees: sender?.name, frames }));
  };
});
meeting.on('error', ({ code, message }) => console.error(`${code}: ${message}`));

async function leave() {
  await meeting.leave();
  picture.stop();
  for (const sink of sinks.values()) sink.stop();
  setImmediate(() => process.exit());
}
process.once('SIGINT', leave);
process.once('SIGTERM', leave);

await meeting.join();
console.log(JSON.stringify({ joined: room, as: name }));
