// A client that knows dvMeet's messages and nothing else: it offers to everybody it hears of,
// answers every offer, queues no candidate, and has never heard of collisions.
/* global io */

window.plain = (() => {
  const peers = new Map(); // participant id → {connection, video}
  const heard = [];        // messages of the server, with their payload
  const problems = [];     // what this client would have logged
  let socket;
  let stream;
  let room;
  let onlyAnswers = false;

  function connectTo(id, offers) {
    const connection = new RTCPeerConnection();
    const video = document.createElement('video');
    video.autoplay = true;
    video.playsInline = true;
    document.body.append(video);
    peers.set(id, { connection, video });
    for (const track of stream.getTracks()) connection.addTrack(track, stream);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) socket.emit('ice-candidate', { roomId: room, targetId: id, candidate });
    };
    connection.oniceconnectionstatechange = () => {
      if (['failed', 'closed'].includes(connection.iceConnectionState)) close(id);
    };
    connection.ontrack = ({ streams }) => {
      video.srcObject = new MediaStream(streams[0].getTracks());
    };
    if (offers) {
      connection.createOffer()
        .then((offer) => connection.setLocalDescription(offer))
        .then(() => socket.emit('offer', {
          roomId: room, targetId: id, sdp: connection.localDescription,
        }))
        .catch((error) => problems.push(`offer: ${error}`));
    }
    return connection;
  }

  function close(id) {
    const peer = peers.get(id);
    if (!peer) return;
    peers.delete(id);
    peer.connection.close();
    peer.video.remove();
  }

  function meet(id) {
    if (id !== socket.id && !peers.has(id) && !onlyAnswers) connectTo(id, true);
  }

  const listeners = {
    'participants-list': (list) => list.forEach(({ socketId }) => meet(socketId)),
    'room-users': (list) => list.forEach(({ socketId }) => meet(socketId)),
    'user-joined': ({ socketId }) => meet(socketId),
    'user-left': (id) => close(id),
    offer({ fromId, sdp }) {
      const connection = peers.get(fromId)?.connection ?? connectTo(fromId, false);
      connection.setRemoteDescription(new RTCSessionDescription(sdp))
        .then(() => connection.createAnswer())
        .then((answer) => connection.setLocalDescription(answer))
        .then(() => socket.emit('answer', {
          roomId: room, targetId: fromId, sdp: connection.localDescription,
        }))
        .catch((error) => problems.push(`answering: ${error}`));
    },
    answer({ fromId, sdp }) {
      peers.get(fromId)?.connection.setRemoteDescription(new RTCSessionDescription(sdp))
        .catch((error) => problems.push(`answer: ${error}`));
    },
    'ice-candidate'({ fromId, candidate }) {
      peers.get(fromId)?.connection.addIceCandidate(new RTCIceCandidate(candidate))
        .catch((error) => problems.push(`candidate: ${error}`));
    },
  };

  /** Sockets are thrown away until the server gives one an id of this shape. */
  async function connect(url, idShape) {
    for (;;) {
      const candidate = io(url, { forceNew: true });
      await new Promise((resolve, reject) => {
        candidate.once('connect', resolve);
        candidate.once('connect_error', reject);
      });
      if (new RegExp(idShape).test(candidate.id)) return candidate;
      candidate.disconnect();
    }
  }

  async function join({ url, roomId, userName, idShape = '', answers = false }) {
    room = roomId;
    onlyAnswers = answers;
    stream = await navigator.mediaDevices.getUserMedia({
      audio: true, video: { width: 320, height: 240, frameRate: 10 },
    });
    socket = await connect(url, idShape);
    socket.onAny((name, payload) => heard.push([name, payload]));
    for (const [name, listener] of Object.entries(listeners)) socket.on(name, listener);
    socket.emit('join-room', { roomId, userName, socketId: socket.id });
    socket.emit('get-users', { roomId });
    return socket.id;
  }

  /** What comes in from each of the others, and how it looks. */
  const receive = () => Promise.all([...peers].map(async ([id, { connection, video }]) => {
    const sum = { id, frames: 0, packets: 0, width: video.videoWidth, shows: !video.paused };
    for (const each of (await connection.getStats()).values()) {
      if (each.type !== 'inbound-rtp') continue;
      if (each.kind === 'video') sum.frames += each.framesDecoded ?? 0;
      else sum.packets += each.packetsReceived;
    }
    return sum;
  }));

  return {
    join, receive, heard, problems,
    emit: (name, payload) => socket.emit(name, payload),
    leave: () => socket.disconnect(),
    states: () => [...peers].map(([id, { connection }]) =>
      [id, connection.signalingState, connection.connectionState]),
  };
})();
