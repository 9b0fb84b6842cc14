// Network namespaces of one process: made, entered, removed, and those of dead processes swept up.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where each laboratory has its folder: on a path that is short enough for Chromium's sockets. */
const TEMPORARY = tmpdir();
const PREFIX = 'dvmeet-lab-';
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** How often an ended process is looked for, and how often before it is killed. */
const END_POLL_MS = 50;
const END_POLLS_ASKED = 20;
const END_POLLS = 60;

/**
 * A process id and the moment it started, in ticks since boot: ids are used again, pairs are not.
 * @returns {string | null} null when there is no such process
 */
function identity(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${pid}-${fields[19]}`;
  } catch {
    return null;
  }
}

/** Runs a command to its end. @returns {Promise<string>} what it printed */
export async function run(program, parameters, { input = '' } = {}) {
  const running = execute(program, parameters.map(String));
  running.child.stdin.on('error', () => {}); // it may end without having read
  running.child.stdin.end(input);
  try {
    return (await running).stdout;
  } catch (error) {
    const said = error.stderr || error.message;
    throw new Error(`${program} ${parameters.join(' ')}: ${said.trim()}`);
  }
}

/** One `ip` command per line. */
export const ip = (...lines) => run('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });

/** Every namespace this process makes has its name before it. */
export class Namespaces {
  #id = `${PREFIX}${identity(process.pid)}`;
  #removed = false;
  #remove = () => this.remove();

  constructor() {
    for (const stale of staleLabs()) sweep(stale);
    mkdirSync(this.folder, { mode: 0o700 });
    // Whatever ends this process, short of SIGKILL, takes the laboratory along.
    process.once('exit', this.#remove);
    for (const signal of ENDING_SIGNALS) process.on(signal, exitBySignal);
  }

  /** For what lives as long as the laboratory: keys, configurations, browser profiles. */
  get folder() {
    return path.join(TEMPORARY, this.#id);
  }

  /** The name outside of here. */
  name(short) {
    return `${this.#id}-${short}`;
  }

  async add(short) {
    await ip(`netns add ${this.name(short)}`);
    await this.ip(short, 'link set lo up');
    await this.sysctl(short, 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv4.conf.all.rp_filter=0',
      'net.ipv4.conf.default.rp_filter=0');
  }

  sysctl(short, ...settings) {
    return this.run(short, 'sysctl', ['-qw', ...settings]);
  }

  /** `ip` commands inside, one per line. */
  ip(short, ...lines) {
    return run('ip', ['-n', this.name(short), '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  nft(short, rules) {
    return this.run(short, 'nft', ['-f', '-'], { input: rules });
  }

  run(short, program, parameters, options) {
    return run('ip', ['netns', 'exec', this.name(short), program, ...parameters], options);
  }

  /** Starts a program inside and lets it run. */
  spawn(short, program, parameters, options) {
    return spawn('ip', ['netns', 'exec', this.name(short), program, ...parameters.map(String)],
      options);
  }

  /** Two ends of a cable. */
  async cable([one, oneDevice], [other, otherDevice]) {
    await this.ip(one,
      `link add ${oneDevice} type veth peer name ${otherDevice} netns ${this.name(other)}`,
      `link set ${oneDevice} up`);
    await this.ip(other, `link set ${otherDevice} up`);
  }

  /** Ends all that runs inside, then the namespaces; at once, so that a dying process can do it. */
  remove() {
    if (this.#removed) return;
    this.#removed = true;
    sweep(this.#id);
    // Not before: a signal that comes twice must not break off what the first began.
    process.off('exit', this.#remove);
    for (const signal of ENDING_SIGNALS) process.off(signal, exitBySignal);
  }
}

function exitBySignal() {
  process.exit(1);
}

/** Ids of laboratories whose process has ended without removing them. */
function staleLabs() {
  const names = [...namespaceNames(), ...readdirSync(TEMPORARY)];
  const ids = names.map((name) => name.match(`^${PREFIX}(\\d+)-\\d+`)).filter(Boolean);
  return new Set(ids.filter(([id, pid]) => `${PREFIX}${identity(pid)}` !== id).map(([id]) => id));
}

function sweep(id) {
  const own = namespaceNames().filter((name) => name.startsWith(`${id}-`));
  for (let poll = 0; poll < END_POLLS; poll += 1) {
    const pids = own.flatMap(pidsIn);
    if (pids.length === 0) break;
    for (const pid of pids) end(pid, poll < END_POLLS_ASKED ? 'SIGTERM' : 'SIGKILL');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, END_POLL_MS);
  }
  for (const name of own) execFileSync('ip', ['netns', 'delete', name]);
  rmSync(path.join(TEMPORARY, id), { recursive: true, force: true });
}

const namespaceNames = () =>
  execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).match(/^\S+/gm) ?? [];

const pidsIn = (name) =>
  execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).match(/\d+/g) ?? [];

function end(pid, signal) {
  try {
    process.kill(Number(pid), signal);
  } catch { /* it was faster */ }
}

/** Why there can be no laboratory here; empty when there can. */
export async function obstacle() {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.geteuid() !== 0) return 'it needs root, to make network namespaces';
  if (!existsSync('/dev/net/tun')) return 'it needs /dev/net/tun';
  const name = `${PREFIX}${identity(process.pid)}-attempt`;
  try {
    await ip(`netns add ${name}`);
    try {
      await run('ip', ['netns', 'exec', name, 'nft', '-f', '-'], {
        input: 'table ip attempt { chain post { type nat hook postrouting priority srcnat;'
          + ' oifname lo masquerade; }; }',
      });
    } finally {
      await ip(`netns delete ${name}`);
    }
    return '';
  } catch ({ message }) {
    const [reason] = message.split('\n', 1);
    return `no network namespace with address translation can be made: ${reason}`;
  }
}
