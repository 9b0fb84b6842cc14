// Feeds the core one event at a time and has its answers carried out, in order.

/**
 * @typedef {{type: string} & Record<string, any>} Event
 * @typedef {{type: string} & Record<string, any>} Action
 */

/**
 * Shape:  an event that comes while another is handled waits for the actions of those before it.
 * Errors: what the core can't read changes nothing; a core that throws is never called again.
 *
 * @param {object} parts
 * @param {import('./module.js').Core} parts.core
 * @param {() => number} parts.now monotonic, whole milliseconds
 * @param {(time: number, event: Event, actions: Action[]) => void} parts.record
 * @param {(action: Action, event: Event) => void} parts.carryOut throws nothing
 * @param {(event: Event, problem: string) => void} parts.refused what wasn't requested, or too late
 *   to throw, couldn't be read; throws nothing
 * @param {(cause: unknown) => void} parts.crashed called once; throws nothing
 */
export function createLoop({ core, now, record, carryOut, refused, crashed }) {
  /** @type {Event[]} */
  const queue = [];
  let isRunning = false;
  let isBroken = false;

  /** A poisoned instance can't be trusted with anything. @param {unknown} cause */
  function abandon(cause) {
    isBroken = true;
    queue.length = 0;
    crashed(cause);
  }

  /**
   * @param {Event} event
   * @returns {string} what is wrong with it, or nothing
   */
  function handle(event) {
    const time = now();
    let actions;
    try {
      actions = core.dispatch(time, event);
    } catch (cause) {
      abandon(cause);
      return '';
    }
    if (typeof actions === 'string') return actions;
    record(time, event, actions);
    for (const action of actions) {
      if (isBroken) break; // on being asked for the snapshot; what follows would leak
      carryOut(action, event);
    }
    return '';
  }

  /**
   * Hands the core what somebody asks for.
   * @param {Event} event
   * @returns {string} what is wrong with it, or nothing
   */
  function request(event) {
    if (isBroken) return '';
    queue.push(event);
    if (isRunning) return '';
    isRunning = true;
    let problem = '';
    try {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const found = handle(next);
        if (next === event) problem = found;
        else if (found) refused(next, found);
      }
    } finally {
      isRunning = false; // the application's clock may throw
    }
    return problem;
  }

  return {
    request,
    /** Hands the core what happened. @param {Event} event */
    dispatch(event) {
      const problem = request(event);
      if (problem) refused(event, problem);
    },
    /** @returns {any} nothing when the core is broken */
    snapshot() {
      try {
        return isBroken ? null : core.snapshot();
      } catch (cause) {
        abandon(cause);
        return null;
      }
    },
    /** @param {string} participantId @returns {any} nothing when unknown, or the core is broken */
    stats(participantId) {
      try {
        return isBroken ? null : core.stats(participantId);
      } catch (cause) {
        abandon(cause);
        return null;
      }
    },
    isBroken: () => isBroken,
  };
}
