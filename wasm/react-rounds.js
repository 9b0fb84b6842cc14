// Beginning anew, for hooks that keep something going.
import { useCallback, useEffect, useState } from 'react';

/**
 * Counts the times something is begun anew: when told to, and when a browser shows a page again
 * that it has kept, since a meeting ends when its page is hidden away.
 * @returns {[number, () => void]}
 */
export function useRounds() {
  const [round, setRound] = useState(0);
  const restart = useCallback(() => setRound((count) => count + 1), []);
  useEffect(() => {
    const look = (/** @type {PageTransitionEvent} */ { persisted }) => {
      if (persisted) restart();
    };
    globalThis.addEventListener?.('pageshow', look);
    return () => globalThis.removeEventListener?.('pageshow', look);
  }, [restart]);
  return [round, restart];
}
