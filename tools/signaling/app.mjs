// One HTTP server with the page and the signaling on it.

import http from 'node:http';
import { Server as Engine } from 'engine.io';
import { Server as SocketServer } from 'socket.io';

import {
  CLOSE_GRACE_MS, CONNECT_TIMEOUT_MS, DEFAULT_GRACE_MS, DEFAULT_MAX_PARTICIPANTS, MAX_CONNECTIONS,
  MAX_PACKET_BYTES, PING_INTERVAL_MS, PING_TIMEOUT_MS,
} from './limits.mjs';
import { isOriginAllowed } from './origins.mjs';
import { Rooms } from './rooms.mjs';
import { serveSignaling } from './signaling.mjs';
import { answer, createSite, setHeaders } from './site.mjs';
import { createSecret, createTokens } from './tokens.mjs';
import { createIceServers } from './turn.mjs';

const SOCKET_IO_PATH = '/socket.io/';

/** One JSON object per line on stdout. */
export function logLine(event, fields = {}) {
  console.log(JSON.stringify({ time: new Date().toISOString(), event, ...fields }));
}

/**
 * Builds the server; the caller makes `httpServer` listen. Servers of the same `secret` accept each
 * other's resume tokens; `now` is the time in milliseconds since 1970.
 * @param {{staticDir?: string, basePaths?: string[], origins?: string[], iceServers?: string[],
 *   turnSecret?: string, turnTtlSeconds?: number, maxParticipants?: number, secret?: string,
 *   graceMs?: number, now?: () => number,
 *   log?: (event: string, fields?: object) => void}} options
 */
export function createServer({
  staticDir, basePaths = [], origins = [], iceServers = [], turnSecret, turnTtlSeconds = 3600,
  maxParticipants = DEFAULT_MAX_PARTICIPANTS, secret = createSecret(), graceMs = DEFAULT_GRACE_MS,
  now = Date.now, log = logLine,
} = {}) {
  const startedAt = now();
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
  const seats = serveSignaling(io, {
    rooms, log, graceMs,
    // Until everybody had the grace time to come back, who is missing may be on the way.
    settlesInMs: () => Math.min(graceMs, Math.max(0, startedAt + graceMs - now())),
    tokens: createTokens({ secret, now }),
    iceServersFor: createIceServers({ urls: iceServers, turnSecret, turnTtlSeconds, now }),
  });

  const site = createSite({
    staticDir,
    basePaths,
    health: () => ({
      status: 'ok', rooms: rooms.roomCount, participants: rooms.participantCount,
      away: seats.awayCount, droppedMessages: seats.droppedCount,
      uptimeSeconds: Math.floor((now() - startedAt) / 1000),
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

  return { httpServer, io, close: closer(httpServer, io, seats) };
}

function refuseUpgrade(socket, status) {
  socket.on('error', () => {}); // it is being closed anyway
  const end = 'Connection: close\r\nContent-Length: 0\r\n\r\n';
  socket.end(`HTTP/1.1 ${status}\r\n${end}`, () => socket.destroy());
}

/** Ends every connection, politely first; the promise is the same on every call. */
function closer(httpServer, io, seats) {
  const connections = new Set();
  httpServer.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  const close = () => new Promise((resolve) => {
    httpServer.close(() => resolve());
    io.close();
    seats.close();
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
