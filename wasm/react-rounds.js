// Beginning anew, for hooks that keep something going.
import { useCallback, useEffect, useRef, useState } from 'react';

const PAGE_EVENTS = /** @type {const} */ (['pagehide', 'pageshow']);
/** Before the meeting hears of it, and leaves. */
const EARLY = { capture: true };

/**
 * Counts the times something is begun anew: when told to, and when a browser shows a page again
 * that it has kept, since a meeting ends when its page is hidden away.
 * @param {() => boolean} isGoing whether there is something to go on with, as the page is hidden
 * @returns {[number, () => void]}
 */
export function useRounds(isGoing) {
  const [round, setRound] = useState(0);
  const latest = useRef(isGoing);
  const restart = useCallback(() => setRound((count) => count + 1), []);
  useEffect(() => { latest.current = isGoing; });
  useEffect(() => {
    let wasGoing = false;
    const look = (/** @type {PageTransitionEvent} */ { type, persisted }) => {
      if (type === 'pagehide') wasGoing = latest.current();
      else if (persisted && wasGoing) restart();
    };
    for (const name of PAGE_EVENTS) globalThis.addEventListener?.(name, look, EARLY);
    return () => {
      for (const name of PAGE_EVENTS) globalThis.removeEventListener?.(name, look, EARLY);
    };
  }, [restart]);
  return [round, restart];
}
