// What was said in a room, for those who come late, and those who come back. It is the server that
// remembers: it knows who said what, and members would have to be believed about each other.

import {
  MAX_CHAT_HISTORY, MAX_CHAT_HISTORY_CHARS, MAX_CHAT_LOG, MAX_CHAT_LOG_CHARS,
} from './limits.mjs';

/** @typedef {{id: string, fromId: string, text: string}} ChatMessage  As on the wire, and more. */

/** Shape: the newest MAX_CHAT_LOG messages of at most MAX_CHAT_LOG_CHARS, in their order. */
export class ChatLog {
  /** @type {{message: ChatMessage, chars: number}[]} */
  #entries = [];
  #chars = 0;

  /**
   * Message ids are the senders' own: two senders may happen to use the same one.
   * @param {string} fromId @param {string} messageId
   */
  has(fromId, messageId) {
    return this.#entries.some(({ message }) =>
      message.id === messageId && message.fromId === fromId);
  }

  /** @param {ChatMessage} message */
  add(message) {
    const chars = JSON.stringify(message).length;
    this.#entries.push({ message, chars });
    this.#chars += chars;
    while (this.#entries.length > MAX_CHAT_LOG || this.#chars > MAX_CHAT_LOG_CHARS) {
      this.#chars -= this.#entries.shift().chars;
    }
  }

  /** @returns {string | undefined} */
  get newestId() {
    return this.#entries.at(-1)?.message.id;
  }

  /** @returns {ChatMessage[]} the end of it, as a newcomer is told, oldest first */
  get latest() {
    let chars = 0;
    const newestFirst = this.#entries.slice(-MAX_CHAT_HISTORY).reverse();
    const end = newestFirst.findIndex((entry) => {
      chars += entry.chars;
      return chars > MAX_CHAT_HISTORY_CHARS;
    });
    return newestFirst.slice(0, end < 0 ? undefined : end).reverse().map(({ message }) => message);
  }

  /**
   * @param {string | undefined} messageId undefined: nothing had been said yet
   * @returns {ChatMessage[]} what came after that message: all there is where it isn't here, since
   *   only older ones are forgotten, and all of those before a restart. Of two messages with this
   *   id the first counts: then nothing is missing.
   */
  after(messageId) {
    const index = this.#entries.findIndex(({ message }) => message.id === messageId);
    return this.#entries.slice(index + 1).map(({ message }) => message);
  }
}
