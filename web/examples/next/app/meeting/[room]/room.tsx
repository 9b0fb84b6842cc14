'use client';
// A meeting, joined as soon as it is shown, left with the page.
import { useMeeting, VideoTile } from 'dvmeet-core/react';
import Link from 'next/link';

export function Room({ room, name }: { room: string; name: string }) {
  const { meeting, snapshot, error, restart } = useMeeting({
    room, name, signaling: process.env.NEXT_PUBLIC_SIGNALING, media: { audio: true, video: true },
  });
  const { camera, microphone } = snapshot.self;
  const isMuted = !microphone.wanted;
  return (
    <main>
      <h1>{room}: {snapshot.connection}</h1>
      {error && <p role="alert">{error.message} <button onClick={restart}>Try again</button></p>}
      {camera.error && <p role="status">No camera: {camera.error.message}</p>}
      {meeting && snapshot.participants.map(({ id, name: title }) => (
        <VideoTile key={id} meeting={meeting} participantId={id} title={title} />
      ))}
      <button onClick={() => meeting?.setMicrophone(isMuted)}>{isMuted ? 'Unmute' : 'Mute'}</button>
      <Link href="/">Leave</Link>
    </main>
  );
}
