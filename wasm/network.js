// Tells the core what the browser knows of the network and of the page.

/**
 * @param {(event: {type: string}) => void} dispatch
 * @returns {() => void} stops listening
 */
export function watchNetwork(dispatch) {
  const connection = /** @type {any} */ (globalThis.navigator)?.connection;
  const stopper = new AbortController();
  const { signal } = stopper;
  let kind = connection?.type;
  globalThis.addEventListener?.('online', () => dispatch({ type: 'networkChanged' }), { signal });
  // It also fires on every new guess of the bandwidth.
  connection?.addEventListener?.('change', () => {
    if (connection.type === kind) return;
    kind = connection.type;
    dispatch({ type: 'networkChanged' });
  }, { signal });
  // It bubbles, and so is heard where there is no page to listen on, too.
  globalThis.addEventListener?.('visibilitychange', ({ target }) => {
    const { visibilityState } = /** @type {Document} */ (target);
    if (visibilityState === 'visible') dispatch({ type: 'pageShown' });
  }, { signal });
  return () => stopper.abort();
}
