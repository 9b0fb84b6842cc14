// A lobby and a meeting, in one page.
import { StrictMode, useState, type FormEvent } from 'react';
import { createRoot } from 'react-dom/client';
import { useMeeting, VideoTile } from 'dvmeet-core/react';

function Lobby({ onJoin }: { onJoin: (name: string) => void }) {
  const enter = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onJoin(String(new FormData(event.currentTarget).get('name')));
  };
  return (
    <form onSubmit={enter}>
      <label>Name <input name="name" required /></label>
      <button>Join</button>
    </form>
  );
}

function Room({ name, onLeave }: { name: string; onLeave: () => void }) {
  const { meeting, snapshot, error, restart } = useMeeting({
    room: 'standup', name, media: { audio: true, video: true },
  });
  const { camera, microphone } = snapshot.self;
  const isMuted = !microphone.wanted;
  return (
    <main>
      {error && <p role="alert">{error.message} <button onClick={restart}>Try again</button></p>}
      {camera.error && <p role="status">No camera: {camera.error.message}</p>}
      {meeting && snapshot.participants.map(({ id, name: title }) => (
        <VideoTile key={id} meeting={meeting} participantId={id} title={title} />
      ))}
      <button onClick={() => meeting?.setMicrophone(isMuted)}>{isMuted ? 'Unmute' : 'Mute'}</button>
      <button onClick={onLeave}>Leave</button>
    </main>
  );
}

function App() {
  const [name, setName] = useState('');
  return name ? <Room name={name} onLeave={() => setName('')} /> : <Lobby onJoin={setName} />;
}

createRoot(document.getElementById('root')!).render(<StrictMode><App /></StrictMode>);
