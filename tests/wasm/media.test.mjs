// Tracks: those the application brought stay its own, those the meeting opened are let go of.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  FakeSocket, FakeStream, FakeTrack, installDevices, joinAnswer, makeMeeting, settled,
} from './browser.mjs';

const opened = installDevices().tracks;

/** A stream of the application's, which wants to know when its tracks end. */
function ownStream(...kinds) {
  const ends = [];
  const tracks = kinds.map((kind) => {
    const track = new FakeTrack(kind);
    track.onended = () => ends.push(kind);
    return track;
  });
  return { stream: new FakeStream(tracks), tracks, ends };
}

/** Never stopped, and the application still hears of its end. */
function isUntouched({ tracks, ends }) {
  for (const track of tracks) {
    assert.equal(track.stops, 0);
    ends.length = 0;
    track.onended?.(new Event('ended'));
    assert.deepEqual(ends, [track.kind]);
  }
}

const states = ({ self }) => [self.microphone.state, self.camera.state, self.screen.state];
const sentTo = (connection) => connection.getTransceivers().map(({ sender }) => sender.track);

test('a supplied stream is sent, and stays the application’s', async () => {
  const own = ownStream('audio', 'video');
  const socket = new FakeSocket(joinAnswer('ben'));
  const { meeting, connections } = await makeMeeting({ signaling: socket, media: own.stream });
  await meeting.join();
  await settled();
  assert.deepEqual(states(meeting.snapshot), ['on', 'on', 'off']);
  assert.deepEqual(sentTo(connections[0]), [...own.tracks, null]);
  assert.deepEqual(meeting.streamOf('self').getTracks(), own.tracks);
  isUntouched(own);
  meeting.setMicrophone(false);
  await settled();
  assert.deepEqual(sentTo(connections[0]), [null, own.tracks[1], null]);
  isUntouched(own);
  await meeting.leave();
  isUntouched(own);
  assert.deepEqual(opened, []);
});

test('updateStream() exchanges one stream for another without stopping either', async () => {
  const [first, second] = [ownStream('audio', 'video'), ownStream('audio', 'video')];
  const socket = new FakeSocket(joinAnswer('ben'));
  const { meeting, connections } = await makeMeeting({ signaling: socket, media: first.stream });
  await meeting.join();
  meeting.updateStream(second.stream);
  await settled();
  assert.deepEqual(sentTo(connections[0]), [...second.tracks, null]);
  assert.deepEqual(meeting.streamOf('self').getTracks(), second.tracks);
  for (const own of [first, second]) isUntouched(own);
  first.tracks[1].end(); // no longer ours to care about
  assert.deepEqual(states(meeting.snapshot), ['on', 'on', 'off']);
  await meeting.leave();
  assert.deepEqual([...first.tracks, ...second.tracks].map(({ stops }) => stops), [0, 0, 0, 0]);
});

test('updateStream() with the same tracks goes on hearing of their end', async () => {
  const own = ownStream('audio', 'video');
  const { meeting } = await makeMeeting({ media: own.stream });
  meeting.updateStream(own.stream);
  assert.deepEqual(meeting.streamOf('').getTracks(), own.tracks);
  own.tracks[1].end();
  assert.notEqual(meeting.snapshot.self.camera.state, 'on');
  assert.equal(meeting.snapshot.self.microphone.state, 'on');
  assert.deepEqual(own.ends, ['video']);
  await meeting.leave();
});

test('a stream without a camera turns the camera off', async () => {
  const both = ownStream('audio', 'video');
  const { meeting } = await makeMeeting({ media: both.stream });
  meeting.updateStream(ownStream('audio').stream);
  assert.deepEqual(states(meeting.snapshot), ['on', 'off', 'off']);
  isUntouched(both);
  await meeting.leave();
});

test('a track the meeting opened is stopped once, and others may listen to it', async () => {
  const { meeting } = await makeMeeting({ media: { audio: true, video: true } });
  await settled();
  const tracks = meeting.streamOf('').getTracks();
  assert.deepEqual(tracks, opened.splice(0));
  const heard = [];
  tracks[1].onended = () => heard.push('video');
  assert.deepEqual(states(meeting.snapshot), ['on', 'on', 'off']);
  tracks[1].end();
  assert.deepEqual(heard, ['video']);
  assert.notEqual(meeting.snapshot.self.camera.state, 'on');
  await meeting.leave();
  assert.deepEqual(tracks.map(({ readyState }) => readyState), ['ended', 'ended']);
  assert.equal(tracks[0].stops, 1);
  assert.deepEqual(meeting.streamOf('').getTracks(), []);
});

test('devices that this page can’t have are told as such', async (t) => {
  const { meeting, reports } = await makeMeeting({ mediaDevices: {} });
  meeting.setCamera(true);
  meeting.setScreen(true);
  await settled();
  const { camera, screen } = meeting.snapshot.self;
  assert.deepEqual([camera.error, screen.error], ['getUserMedia', 'getDisplayMedia'].map((name) => (
    { name: 'NotSupportedError', message: `There is no ${name}() here.` })));
  assert.deepEqual(reports.map(({ level, code }) => `${level} ${code}`),
    ['error media_unsupported', 'error media_unsupported']);

  globalThis.isSecureContext = false;
  t.after(() => { delete globalThis.isSecureContext; });
  meeting.setMicrophone(true);
  await settled();
  assert.match(meeting.snapshot.self.microphone.error.message, /served by https/u);
  await meeting.leave();
});

test('a device that gives less than was asked for fails alone', async () => {
  const track = new FakeTrack('audio');
  const mediaDevices = { getUserMedia: async () => new FakeStream([track]) };
  const { meeting } = await makeMeeting({ mediaDevices, media: { audio: true, video: true } });
  await settled();
  assert.deepEqual(states(meeting.snapshot), ['on', 'failed', 'off']);
  assert.equal(meeting.snapshot.self.camera.error.name, 'NotFoundError');
  assert.deepEqual(meeting.streamOf('').getTracks(), [track]);
  await meeting.leave();
  assert.equal(track.stops, 1);
});

test('what is no stream is refused, and changes nothing', async () => {
  const own = ownStream('video');
  const { meeting } = await makeMeeting({ media: own.stream });
  for (const stream of [null, undefined, own.tracks[0]]) {
    assert.throws(() => meeting.updateStream(/** @type {any} */ (stream)),
      { name: 'MeetingError', code: 'bad_request', message: /stream is not a MediaStream/u });
  }
  assert.deepEqual(states(meeting.snapshot), ['off', 'on', 'off']);
  await meeting.leave();
});
