// A server in this process, and clients that remember all they are told, in order.

import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import { io } from 'socket.io-client';

import { createServer } from '../../tools/signaling/app.mjs';

const PATIENCE_MS = 10_000;

/**
 * A server on a free port, closed after the test; `logs` holds what it logged, and `logged` waits
 * for a line about an event of a participant, from the given line on.
 */
export async function startServer(t, options = {}) {
  const logs = [];
  const news = new EventEmitter();
  const log = (event, fields) => {
    logs.push({ event, ...fields });
    news.emit(event);
  };
  const logged = async (event, { id }, from = 0) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const isThere = () => logs.slice(from)
      .some((line) => line.event === event && line.participant === id);
    while (!isThere()) await once(news, event, { signal });
  };
  const server = createServer({ log, ...options });
  server.httpServer.listen(0, '127.0.0.1');
  await once(server.httpServer, 'listening');
  t.after(server.close);
  const { port } = server.httpServer.address();
  return { ...server, logs, logged, port, url: `http://127.0.0.1:${port}` };
}

export class Client {
  #events = [];
  #wake = () => {};

  constructor(socket) {
    this.socket = socket;
    const record = (...event) => {
      this.#events.push(event);
      this.#wake();
    };
    socket.onAny(record);
    socket.on('disconnect', (reason) => record('disconnect', reason));
  }

  /** The participant's: from the last answer of a client of ours, the socket's of a plain one. */
  get id() {
    return this.answer?.participantId ?? this.socket.id;
  }

  emit(...event) {
    this.socket.emit(...event);
  }

  /** The answer to an event that is acknowledged. */
  ask(...event) {
    return this.socket.timeout(PATIENCE_MS).emitWithAck(...event);
  }

  /** Joins as a client of ours; resolves to the answer. */
  async join(roomId, userName, extra = {}) {
    const answer = await this.ask('join-room', { roomId, userName, protocol: 2, ...extra });
    if (answer.ok) {
      this.answer = answer;
      await this.until('participants-list');
    }
    return answer;
  }

  /** All that was heard and not yet returned, up to and with the first event of this name. */
  async until(name) {
    const deadline = setTimeout(() => this.#wake('late'), PATIENCE_MS);
    try {
      for (;;) {
        const index = this.#events.findIndex(([heard]) => heard === name);
        if (index >= 0) return this.#events.splice(0, index + 1);
        if (await new Promise((resolve) => { this.#wake = resolve; }) === 'late') {
          throw new Error(`no ${name}, only ${JSON.stringify(this.#events)}`);
        }
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  /**
   * All that was heard until now: the server answers a socket's messages in order, so what it had
   * to say before its answer to this question has arrived with the answer.
   */
  async heard() {
    this.emit('get-users', { roomId: 'a question' });
    return (await this.until('room-users')).slice(0, -1);
  }

  /** The participants of a room as the server tells this client. */
  async users(roomId) {
    this.emit('get-users', { roomId });
    const [[, list]] = (await this.until('room-users')).slice(-1);
    return list;
  }
}

export async function connect(t, { url }, options = {}) {
  const socket = io(url, {
    transports: ['websocket'], forceNew: true, reconnection: false, ...options,
  });
  t.after(() => socket.disconnect());
  const client = new Client(socket);
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return client;
}

/** A client as the original wrote it: no acknowledgements, no extensions. */
export async function joinPlain(t, server, roomId, userName) {
  const client = await connect(t, server);
  client.emit('join-room', { roomId, userName, socketId: client.id });
  await client.until('participants-list');
  return client;
}

/** A client of ours. */
export async function joinOurs(t, server, roomId, userName, extra = {}) {
  const client = await connect(t, server);
  await client.join(roomId, userName, extra);
  return client;
}

/** Its connection is gone without a word, as when a network is; resolves when the server knows. */
export async function cut(server, client) {
  const from = server.logs.length;
  client.socket.io.engine.transport.ws.terminate();
  await server.logged('away', client, from);
}

/** The same participant on a new connection. */
export const comeBack = (t, server, { answer }, roomId, userName, extra = {}) =>
  joinOurs(t, server, roomId, userName, { resume: answer.resumeToken, ...extra });

/** What the server says of itself. */
export const health = async (server) => JSON.parse((await request(server, '/health')).body);

/** How a participant appears in lists and in user-joined. */
export const entry = ({ id }, userName, fields = {}) => ({
  socketId: id, userName, isMuted: false, isVideoOff: false, isCameraOff: false, isSharing: false,
  protocol: 1, ...fields,
});

/** What the others hear when a participant is gone. */
export const farewell = (id) => [['user-left', id], ['participant-left', id]];

/** One HTTP request with its path as given; resolves to {status, headers, body}. */
export function request({ port }, path, { method = 'GET', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = http.request({ port, host: '127.0.0.1', path, method, headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('upgrade', ({ statusCode: status }, socket) => {
      socket.destroy();
      resolve({ status });
    });
    outgoing.on('response', async (response) => {
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += chunk;
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    outgoing.end();
  });
}
