// An emulated link, carried by a process of its own that ends with this one.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { run } from './namespaces.mjs';

const SOURCE = fileURLToPath(new URL('link.cpp', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../../build/nat/link', import.meta.url));
const FLAGS = ['-std=c++20', '-O2', '-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion',
  '-Werror'];

const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Compiles the program unless that was done since its source changed. */
export async function buildLink() {
  if (changedAt(PROGRAM) > changedAt(SOURCE)) return;
  mkdirSync(path.dirname(PROGRAM), { recursive: true });
  const fresh = `${PROGRAM}-${process.pid}`;
  await run('g++', [...FLAGS, '-o', fresh, SOURCE]);
  renameSync(fresh, PROGRAM);
}

/**
 * Delays and queue in ms, loss in percent, rate in kbit/s; `cut` is 0 or 1.
 * @typedef {{delay?: number, jitter?: number, loss?: number, rate?: number, queue?: number,
 *   cut?: 0 | 1}} Shape
 */

export class Link {
  #process;
  #answers;
  /** @type {Record<'up' | 'down', Shape>} */
  #shapes = { up: {}, down: {} };

  /** Makes a device at each end: `[namespace, device]`, the first being nearer to the client. */
  static async start(namespaces, ...ends) {
    const link = new Link();
    const places = ends.map(([short, device]) => `${namespaces.name(short)}:${device}`);
    link.#process = spawn(PROGRAM, places, { stdio: ['pipe', 'pipe', 'inherit'] });
    link.#process.stdin.on('error', () => {}); // its end is seen by whoever waits for an answer
    link.#answers = createInterface({ input: link.#process.stdout })[Symbol.asyncIterator]();
    await link.#answered();
    return link;
  }

  /**
   * Changes what is named, in these directions; holds when this resolves.
   * @param {Shape} change
   * @param {('up' | 'down')[]} [directions]
   */
  async shape(change, directions = ['up', 'down']) {
    for (const direction of directions) {
      const shape = Object.assign(this.#shapes[direction], change);
      const words = Object.entries(shape).map((entry) => entry.join('=')).join(' ');
      this.#process.stdin.write(`${direction} ${words}\n`);
      await this.#answered();
    }
  }

  async end() {
    if (this.#process.exitCode !== null) return;
    this.#process.stdin.end();
    await once(this.#process, 'exit');
  }

  async #answered() {
    const { value } = await this.#answers.next();
    if (value !== 'ok') throw new Error('the emulated link has ended');
  }
}
