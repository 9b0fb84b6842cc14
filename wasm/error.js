// The one kind of error this package throws, rejects with and reports.

/** @typedef {import('./api.js').MeetingErrorCode} MeetingErrorCode */

/** `code` is for programs and stable; `message` says what happened and what to do. */
export class MeetingError extends Error {
  /**
   * @param {MeetingErrorCode} code
   * @param {string} message
   * @param {{participantId?: string, cause?: unknown}} [details]
   */
  constructor(code, message, { participantId, cause } = {}) {
    super(message, { cause });
    this.name = 'MeetingError';
    this.code = code;
    /** Whom it is about, if anybody. @type {string | undefined} */
    this.participantId = participantId;
  }
}

/** What was thrown, by what the core is told of it. @type {WeakMap<object, unknown>} */
const thrownBy = new WeakMap();

/**
 * What was thrown where this event tells of it.
 * @param {Record<string, any>} event
 */
export const causeOf = ({ error }) => thrownBy.get(error);

/**
 * What the core wants to know of anything that was thrown.
 * @param {unknown} thrown
 * @returns {{name: string, message: string}}
 */
export function platformError(thrown) {
  const { name = 'Error', message = '' } = /** @type {Partial<Error>} */ (thrown ?? {});
  // Cutting may halve a pair of surrogates, and the core takes well-formed text only.
  const cut = (/** @type {unknown} */ text, /** @type {number} */ length) =>
    String(text).slice(0, length).replace(/\p{Surrogate}/gu, '');
  const told = { name: cut(name, 80), message: cut(message, 500) };
  thrownBy.set(told, thrown);
  return told;
}

/**
 * Does what may be somebody else's mistake: it must not keep anything else from being done.
 * @param {() => void} step
 */
export function regardless(step) {
  try {
    step();
  } catch (error) {
    queueMicrotask(() => { throw error; });
  }
}

/**
 * What is left to say when the core threw.
 * @param {unknown} [cause]
 */
export const crashError = (cause) => new MeetingError('core_crashed',
  'The meeting broke and was ended. Make a new one to go on.', { cause });
