// An application written for dvMeet's hook: it makes the socket, joins the room on it, owns the media.
// The test drives it through `window.app`.
import { StrictMode, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { io, type Socket } from 'socket.io-client';
import { usePeerConnections, type PeerConnectionsOptions } from 'dvmeet-core/react';

type Result = ReturnType<typeof usePeerConnections>;

type State = {
  room: string;
  stream: MediaStream | null;
  shown: boolean;
  /** The socket lives as long as the page, and joins one room after the other. */
  keepsSocket: boolean;
  options: PeerConnectionsOptions;
};

declare global {
  interface Window {
    app: {
      connections: RTCPeerConnection[];
      /** What their constructor was given. */
      configurations: (RTCConfiguration | undefined)[];
      heard: string[];
      state: State;
      set(change: Partial<State>): void;
      hook: Result | null;
      socket: Socket | null;
    };
  }
}

const FIRST: State = {
  room: 'hooks', stream: null, shown: true, keepsSocket: false,
  options: { iceServers: [{ urls: 'stun:127.0.0.1:9' }] },
};
const app: Window['app'] = {
  connections: [], configurations: [], heard: [], state: FIRST, set: () => {}, hook: null,
  socket: null,
};
window.app = app;
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    app.connections.push(this);
    app.configurations.push(configuration);
  }
};

function useSocket({ room, keepsSocket }: State): Socket | null {
  const [socket, setSocket] = useState<Socket | null>(null);
  const latest = useRef(room);
  const join = (by: Socket) => by.emit('join-room',
    { roomId: latest.current, userName: 'Somebody', socketId: by.id });
  useEffect(() => {
    if (latest.current === room) return;
    latest.current = room;
    if (keepsSocket && socket) join(socket);
  }, [room, keepsSocket, socket]);
  const owner = keepsSocket ? 'the page' : room;
  useEffect(() => {
    const made = io({ transports: ['websocket'], forceNew: true });
    made.on('connect', () => join(made));
    made.onAny((name) => app.heard.push(name));
    setSocket(made);
    return () => { made.disconnect(); };
  }, [owner]);
  return socket;
}

function Picture({ stream }: { stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => { video.current!.srcObject = stream; }, [stream]);
  return <video ref={video} autoPlay playsInline muted />;
}

function Call({ room, stream, options, socket }: State & { socket: Socket | null }) {
  const hook: Result = usePeerConnections(socket, stream, room, options);
  useEffect(() => {
    app.hook = hook;
    return () => { app.hook = null; };
  }, [hook]);
  return Object.entries(hook.peerStreams).map(([id, each]) => <Picture key={id} stream={each} />);
}

function App() {
  const [state, setState] = useState(FIRST);
  const socket = useSocket(state);
  useEffect(() => { Object.assign(app, { socket, state }); }, [socket, state]);
  useEffect(() => {
    app.set = (change) => setState((before) => ({ ...before, ...change }));
  }, []);
  return state.shown && <Call {...state} socket={socket} />;
}

createRoot(document.getElementById('root')!).render(<StrictMode><App /></StrictMode>);
