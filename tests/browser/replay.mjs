// Traces of the page, computed again by the native core.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const REPLAY = process.env.DVMEET_REPLAY
  ?? fileURLToPath(new URL('../../build/native/dvmeet_replay', import.meta.url));
const MAX_REPLAY_OUTPUT = 1 << 28; // a trace is printed in full where it differs

/** Runs a trace file through the native core. */
export const replay = (file, ...options) => new Promise((resolve, reject) => {
  execFile(REPLAY, [file, ...options], { maxBuffer: MAX_REPLAY_OUTPUT },
    (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: error?.code ?? 0, stdout, stderr });
    });
});

/** What the core decided in the page, the native core decides alike. */
export async function checkReplay(file) {
  const { code, stdout, stderr } = await replay(file, '--quiet');
  assert.equal(stderr, '', file);
  assert.match(stdout, /^\d+ steps, 0 differences\n$/, `${file}: ${stdout.slice(0, 4000)}`);
  assert.equal(code, 0);
}
