// Who listens to a meeting's events, and telling them.
import { regardless } from './error.js';

export function createEmitter() {
  /** @type {Map<string, Set<(value: any) => void>>} */
  const handlers = new Map();
  return {
    /**
     * @param {string} name
     * @param {(value: any) => void} handler
     * @returns {() => void} unsubscribes
     */
    on(name, handler) {
      const those = handlers.get(name) ?? new Set();
      handlers.set(name, those);
      those.add(handler);
      return () => { those.delete(handler); };
    },
    /**
     * @param {string} name
     * @param {unknown} value
     */
    fire(name, value) {
      for (const handler of [...(handlers.get(name) ?? [])]) regardless(() => handler(value));
    },
  };
}
