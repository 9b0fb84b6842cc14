// Waiting for what is to come, by looking again and again.

import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds anything may take on a busy machine; tests judge by events and frames. */
export const PATIENCE_MS = 60_000;
const POLL_MS = 100;
const LONGEST_POLL_MS = 1_000;

/** Asks until the answer is truthy, and returns it; says what it waited for when it never is. */
export async function eventually(what, ask, patienceMs = PATIENCE_MS) {
  const began = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    const waited = performance.now() - began;
    if (waited > patienceMs) throw new Error(`${what}: not within ${patienceMs / 1000} s`);
    // Looking is work for the page, too: who takes long is asked less often.
    await pause(Math.min(Math.max(POLL_MS, waited / 10), LONGEST_POLL_MS));
  }
}
