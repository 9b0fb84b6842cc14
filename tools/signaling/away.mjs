// Members that have lost their connection: how long they are waited for, and what they miss.

import { MAX_ALL_MISSED_CHARS, MAX_AWAY, MAX_MISSED, MAX_MISSED_CHARS } from './limits.mjs';

/**
 * The state of the room is not kept: the list of participants in the resume's answer says it; nor
 * is chat, which the room's log remembers for everybody.
 */
const KEPT_EVENTS = new Set(['offer', 'answer', 'ice-candidate']);

/**
 * @typedef {{event: string, payload: {fromId: string}, chars: number}} Missed
 * @typedef {{messages: Missed[], chars: number, timer: ReturnType<typeof setTimeout>}} Absence
 */

/** Shape: at most MAX_AWAY members; the bounds of what is kept for each are in limits.mjs. */
export class Away {
  #graceMs;
  #onGraceOver;
  /** @type {Map<string, Absence>} participant id → its absence */
  #absences = new Map();
  #chars = 0;
  #droppedCount = 0;

  /** @param {{graceMs: number, onGraceOver: (id: string) => void}} rules */
  constructor({ graceMs, onGraceOver }) {
    this.#graceMs = graceMs;
    this.#onGraceOver = onGraceOver;
  }

  get count() {
    return this.#absences.size;
  }

  /** Messages that were dropped because too many came, since the start. */
  get droppedCount() {
    return this.#droppedCount;
  }

  /** @param {string} id @returns {boolean} whether there was room for one more */
  begin(id) {
    if (this.#absences.size >= MAX_AWAY) return false;
    const timer = setTimeout(() => this.#onGraceOver(id), this.#graceMs);
    this.#absences.set(id, { messages: [], chars: 0, timer });
    return true;
  }

  /** Keeps what a member misses; nothing happens if it isn't away. */
  keep(id, event, payload) {
    const absence = this.#absences.get(id);
    if (!absence || !KEPT_EVENTS.has(event)) return;
    // Clients of ours send all that belongs to an offer behind it, and again with each repetition.
    if (event === 'offer' && payload.generation !== undefined) {
      this.#forgetReplaced(absence, payload.fromId);
    }
    const chars = JSON.stringify(payload).length;
    absence.messages.push({ event, payload, chars });
    this.#count(absence, chars);
    while (absence.messages.length > MAX_MISSED || absence.chars > MAX_MISSED_CHARS
      || this.#chars > MAX_ALL_MISSED_CHARS) {
      this.#count(absence, -absence.messages.shift().chars);
      this.#droppedCount += 1;
    }
  }

  /**
   * The offers of a sender since its last answer, and what follows them, are void once it offers
   * anew: one by one they would only be in the way of who comes back.
   */
  #forgetReplaced(absence, fromId) {
    const isFrom = (message) => message.payload.fromId === fromId;
    const answer = absence.messages.findLastIndex((message) =>
      isFrom(message) && message.event === 'answer');
    const first = absence.messages.findIndex((message, index) =>
      index > answer && isFrom(message) && message.event === 'offer');
    if (first < 0) return;
    absence.messages = absence.messages.filter((message, index) => {
      const isReplaced = index >= first && isFrom(message);
      if (isReplaced) this.#count(absence, -message.chars);
      return !isReplaced;
    });
  }

  /** @returns {Missed[]} what the member missed, first come first; none if it wasn't away */
  end(id) {
    const absence = this.#absences.get(id);
    if (!absence) return [];
    clearTimeout(absence.timer);
    this.#absences.delete(id);
    this.#count(absence, -absence.chars);
    return absence.messages;
  }

  /** Waits for nobody any more. */
  close() {
    for (const id of [...this.#absences.keys()]) this.end(id);
  }

  #count(absence, chars) {
    absence.chars += chars;
    this.#chars += chars;
  }
}
