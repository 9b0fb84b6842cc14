// Who listens to a meeting's events, and telling them.

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
     * A handler's mistake is the application's: it must not keep an action from being done.
     * @param {string} name
     * @param {unknown} value
     */
    fire(name, value) {
      for (const handler of [...(handlers.get(name) ?? [])]) {
        try {
          handler(value);
        } catch (error) {
          queueMicrotask(() => { throw error; });
        }
      }
    },
  };
}
