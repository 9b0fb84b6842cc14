// Where a member is reached: on its connection, or, while that is lost, when it comes back.

import { Away } from './away.mjs';

/** Shape: a member has at most one connection; it is either here or away. */
export class Seats {
  /** @type {Map<string, import('./intake.mjs').Connection>} participant id → its connection */
  #connections = new Map();
  #away;

  /** @param {ConstructorParameters<typeof Away>[0]} rules */
  constructor(rules) {
    this.#away = new Away(rules);
  }

  get awayCount() {
    return this.#away.count;
  }

  get droppedCount() {
    return this.#away.droppedCount;
  }

  /** Sends a message, or keeps it for a member that is away. */
  send(id, event, payload) {
    const connection = this.#connections.get(id);
    if (connection) connection.socket.emit(event, payload);
    else this.#away.keep(id, event, payload);
  }

  isOn(id, connection) {
    return this.#connections.get(id) === connection;
  }

  /**
   * Whether the member is on a connection that was made after this one. What a socket was told that
   * its page has given up may come late, when a lost network delivers it after all.
   */
  isOvertaken(id, connection) {
    const present = this.#connections.get(id);
    return present !== undefined && present.order > connection.order;
  }

  /**
   * Seats a member on a connection. The one it had before counts no more: what it still sends is
   * not read, and its end means nothing.
   * @returns {import('./away.mjs').Missed[]}
   */
  take(id, connection) {
    const displaced = this.#connections.get(id);
    this.#connections.set(id, connection);
    if (displaced && displaced !== connection) displace(displaced);
    return this.#away.end(id);
  }

  /** The connection is lost. @returns {boolean} whether the member is waited for */
  lose(id) {
    if (!this.#away.begin(id)) return false;
    this.#connections.delete(id);
    return true;
  }

  /** The member is gone for good. */
  vacate(id) {
    this.#connections.delete(id);
    this.#away.end(id);
  }

  close() {
    this.#away.close();
  }
}

/** Its 'disconnect' comes before this returns: from then on it is not live. */
function displace({ socket }) {
  socket.emit('server-error', {
    code: 'displaced', message: 'You are in this meeting on another connection.',
    event: 'join-room',
  });
  socket.disconnect(true);
}
