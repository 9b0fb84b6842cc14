// Waiting for what is to come, by looking again and again.

import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds anything may take on a busy machine; tests judge by events and frames. */
export const PATIENCE_MS = 180_000;
const POLL_MS = 100;

/** Asks until the answer is truthy, and returns it; says what it waited for when it never is. */
export async function eventually(what, ask, patienceMs = PATIENCE_MS) {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${patienceMs / 1000} s`);
    await pause(POLL_MS);
  }
}
