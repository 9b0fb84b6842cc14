// One HTTP server with the page and the signaling on it.

import http from 'node:http';
import { Server as Engine } from 'engine.io';
import { Server as SocketServer } from 'socket.io';

import {
  CLOSE_GRACE_MS, CONNECT_TIMEOUT_MS, DEFAULT_MAX_PARTICIPANTS, MAX_CONNECTIONS, MAX_PACKET_BYTES,
  PING_INTERVAL_MS, PING_TIMEOUT_MS,
} from './limits.mjs';
import { isOriginAllowed } from './origins.mjs';
import { Rooms } from './rooms.mjs';
import { serveSignaling } from './signaling.mjs';
import { answer, createSite, setHeaders } from './site.mjs';
import { createIceServers } from './turn.mjs';

const SOCKET_IO_PATH = '/socket.io/';

/** One JSON object per line on stdout. */
export function logLine(event, fields = {}) {
  console.log(JSON.stringify({ time: new Date().toISOString(), event, ...fields }));
}

/**
 * Builds the server; the caller makes `httpServer` listen.
 * @param {{staticDir?: string, basePaths?: string[], origins?: string[], iceServers?: string[],
 *   turnSecret?: string, turnTtlSeconds?: number, maxParticipants?: number,
 *   log?: (event: string, fields?: object) => void}} options
 */
export function createServer({
  staticDir, basePaths = [], origins = [], iceServers = [], turnSecret, turnTtlSeconds = 3600,
  maxParticipants = DEFAULT_MAX_PARTICIPANTS, log = logLine,
} = {}) {
  const startedAt = Date.now();
  const rooms = new Rooms({ maxParticipants });

  // Socket.IO's own attach() asks about origins at the handshake only and answers a WebSocket with
  // 400; bound to an engine, each request and upgrade goes through the check below.
  const engine = new Engine({
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    maxHttpBufferSize: MAX_PACKET_BYTES,
    cors: { origin: origins.includes('*') ? '*' : origins },
    allowRequest: (request, decide) =>
      decide('the server is full', engine.clientsCount < MAX_CONNECTIONS),
  });
  const io = new SocketServer({ connectTimeout: CONNECT_TIMEOUT_MS }).bind(engine);
  serveSignaling(io, {
    rooms, log, iceServersFor: createIceServers({ urls: iceServers, turnSecret, turnTtlSeconds }),
  });

  const site = createSite({
    staticDir,
    basePaths,
    health: () => ({
      status: 'ok', rooms: rooms.roomCount, participants: rooms.participantCount,
      uptimeSeconds: Math.floor((Date.now() - startedAt) / 1000),
    }),
  });

  /** @param {http.IncomingMessage} request */
  const isForSocketIo = ({ url }) => url.startsWith(SOCKET_IO_PATH);
  function isAllowed({ headers }) {
    const isFine = isOriginAllowed(headers, origins);
    if (!isFine) log('refused', { code: 'origin' });
    return isFine;
  }

  const httpServer = http.createServer((request, response) => {
    setHeaders(response);
    if (!isForSocketIo(request)) return site(request, response);
    if (!isAllowed(request)) return answer(response, 403, 'This origin is not allowed.\n');
    engine.handleRequest(request, response);
  });
  httpServer.on('upgrade', (request, socket, head) => {
    if (!isForSocketIo(request)) return refuseUpgrade(socket, '404 Not Found');
    if (!isAllowed(request)) return refuseUpgrade(socket, '403 Forbidden');
    engine.handleUpgrade(request, socket, head);
  });

  return { httpServer, io, close: closer(httpServer, io) };
}

function refuseUpgrade(socket, status) {
  socket.on('error', () => {}); // it is being closed anyway
  const end = 'Connection: close\r\nContent-Length: 0\r\n\r\n';
  socket.end(`HTTP/1.1 ${status}\r\n${end}`, () => socket.destroy());
}

/** Ends every connection, politely first; the promise is the same on every call. */
function closer(httpServer, io) {
  const connections = new Set();
  httpServer.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  const close = () => new Promise((resolve) => {
    httpServer.close(() => resolve());
    io.close();
    httpServer.closeIdleConnections();
    const grace = setTimeout(() => connections.forEach((one) => one.destroy()), CLOSE_GRACE_MS);
    httpServer.once('close', () => clearTimeout(grace));
  });
  let closed;
  return () => {
    closed ??= close();
    return closed;
  };
}
