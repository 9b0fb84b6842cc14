// A lobby and a meeting on useMeeting(), which the test drives through `window.app`.
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useMeeting, VideoTile, type UseMeetingOptions } from 'dvmeet-core/react';

declare global {
  interface Window {
    app: {
      set(change: Partial<UseMeetingOptions & { width: number }>): void;
      use: ReturnType<typeof useMeeting> | null;
      /** The latest tile's element, handed out by its ref. */
      tile: HTMLVideoElement | null;
    };
  }
}

const app: Window['app'] = { set: () => {}, use: null, tile: null };
window.app = app;

function App() {
  const [{ width, ...options }, setState] = useState<UseMeetingOptions & { width: number }>({
    room: 'standup', name: '', media: { audio: true, video: true }, autoJoin: false, width: 640,
  });
  const use = useMeeting(options);
  useEffect(() => {
    app.use = use;
    app.set = (change) => setState((before) => ({ ...before, ...change }));
  });
  const { meeting, snapshot } = use;
  if (!meeting) return null;
  return snapshot.participants.filter(({ isSelf }) => !isSelf).map(({ id, hasScreen }) => (
    <div key={id}>
      <VideoTile meeting={meeting} participantId={id} style={{ width }}
        ref={(element) => { app.tile = element; }} />
      {hasScreen && <VideoTile meeting={meeting} participantId={id} kind="screen" data-screen />}
    </div>
  ));
}

createRoot(document.getElementById('root')!).render(<StrictMode><App /></StrictMode>);
