// An application written for dvMeet's hook: it makes the socket, joins the room on it, owns the media.
// The test drives it through `window.app`.
import { StrictMode, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { io, type Socket } from 'socket.io-client';
import { usePeerConnections } from 'dvmeet-core/react';

type Result = ReturnType<typeof usePeerConnections>;

declare global {
  interface Window {
    app: {
      connections: RTCPeerConnection[];
      heard: string[];
      set(change: Partial<{ room: string; stream: MediaStream | null; shown: boolean }>): void;
      hook: Result | null;
      socket: Socket | null;
    };
  }
}

const app: Window['app'] = { connections: [], heard: [], set: () => {}, hook: null, socket: null };
window.app = app;
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    app.connections.push(this);
  }
};

function useSocket(roomId: string, userName: string): Socket | null {
  const [socket, setSocket] = useState<Socket | null>(null);
  useEffect(() => {
    const made = io({ transports: ['websocket'], forceNew: true });
    made.on('connect', () => made.emit('join-room', { roomId, userName, socketId: made.id }));
    made.onAny((name) => app.heard.push(name));
    setSocket(made);
    return () => { made.disconnect(); };
  }, [roomId, userName]);
  return socket;
}

function Picture({ stream }: { stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => { video.current!.srcObject = stream; }, [stream]);
  return <video ref={video} autoPlay playsInline muted />;
}

function Call({ room, stream, socket }: {
  room: string; stream: MediaStream | null; socket: Socket | null;
}) {
  const hook: Result = usePeerConnections(socket, stream, room);
  useEffect(() => {
    app.hook = hook;
    return () => { app.hook = null; };
  }, [hook]);
  return Object.entries(hook.peerStreams).map(([id, each]) => <Picture key={id} stream={each} />);
}

function App() {
  const [state, setState] = useState({
    room: 'hooks', stream: null as MediaStream | null, shown: true,
  });
  const socket = useSocket(state.room, 'Somebody');
  useEffect(() => { app.socket = socket; }, [socket]);
  useEffect(() => {
    app.set = (change) => setState((before) => ({ ...before, ...change }));
  }, []);
  return state.shown && <Call room={state.room} stream={state.stream} socket={socket} />;
}

createRoot(document.getElementById('root')!).render(<StrictMode><App /></StrictMode>);
