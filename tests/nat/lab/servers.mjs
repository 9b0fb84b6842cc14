// What stands on the laboratory's internet: coturn, and three signaling servers: one that hands out
// STUN and TURN, one that hands out STUN only, and one that doesn't know the TURN server's secret.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { run } from './namespaces.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LOGS = path.join(ROOT, 'build', 'logs');
const SITE = path.resolve(process.env.DVMEET_SITE ?? path.join(ROOT, 'build', 'site'));

const ROUTER = '203.0.113.1';
/** Two addresses, so that what a NAT does can be measured: RFC 5780 §6. */
export const TURN = ['203.0.113.2', '203.0.113.3'];
const MEET = '203.0.113.4';
const MEET_WITHOUT_TURN = '203.0.113.5';
const MEET_REFUSED = '203.0.113.6';
const MEETS = [MEET, MEET_WITHOUT_TURN, MEET_REFUSED];

export const URL_WITH_TURN = `https://${MEET}/`;
export const URL_WITHOUT_TURN = `https://${MEET_WITHOUT_TURN}/`;
/** TURN refuses the credentials that people get here. */
export const URL_REFUSED = `https://${MEET_REFUSED}/`;

const STUN_URL = `stun:${TURN[0]}:3478`;
const TURN_URLS = [`turn:${TURN[0]}:3478?transport=udp`, `turn:${TURN[0]}:3478?transport=tcp`,
  `turns:${TURN[0]}:443?transport=tcp`];
const CREDENTIALS_LAST_S = 3600;

const START_PATIENCE_MS = 20_000;
const START_POLL_MS = 50;

export class Servers {
  #namespaces;
  #secret = randomBytes(16).toString('hex');
  #credentialsLastS = CREDENTIALS_LAST_S;
  /** @type {Map<string, import('node:child_process').ChildProcess>} */
  #running = new Map();

  static async start(namespaces) {
    const servers = new Servers();
    servers.#namespaces = namespaces;
    mkdirSync(LOGS, { recursive: true });
    await servers.#connect('turn', TURN);
    await servers.#connect('meet', MEETS);
    await servers.#makeCertificate();
    await servers.#configure();
    await servers.restartTurn();
    await servers.restartSignaling();
    await servers.#run('without-turn', 'meet', `${MEET_WITHOUT_TURN}:8080`, process.execPath, [
      ...servers.#signaling(MEET_WITHOUT_TURN), '--ice-server', STUN_URL]);
    await servers.#run('refused', 'meet', `${MEET_REFUSED}:8080`, process.execPath, [
      ...servers.#signaling(MEET_REFUSED), ...servers.#handOutTurn('wrong-secret')]);
    await servers.#run('front', 'meet', `${MEETS.at(-1)}:443`, process.execPath, [
      path.join(ROOT, 'tests', 'nat', 'lab', 'front.mjs'), servers.#file('key'),
      servers.#file('certificate'), ...MEETS]);
    return servers;
  }

  /** Without a chance to say goodbye. */
  killTurn() {
    return this.#kill('turn');
  }

  /** @param {{relays?: boolean}} [how] without `relays` it answers to STUN only */
  restartTurn({ relays = true } = {}) {
    const parameters = ['-c', this.#file('turn.conf'), ...(relays ? [] : ['--stun-only'])];
    return this.#run('turn', 'turn', `${TURN[0]}:443`, 'turnserver', parameters);
  }

  killSignaling() {
    return this.#kill('signaling');
  }

  /** It remembers nothing of its life before but the secret that signs resume tokens. */
  restartSignaling() {
    return this.#run('signaling', 'meet', `${MEET}:8080`, process.execPath, [
      ...this.#signaling(MEET), ...this.#handOutTurn('turn-secret')]);
  }

  /** Of who joins from now on; a server that says otherwise starts anew. */
  async letCredentialsLast(seconds = CREDENTIALS_LAST_S) {
    if (seconds === this.#credentialsLastS) return;
    this.#credentialsLastS = seconds;
    await this.killSignaling();
    await this.restartSignaling();
  }

  /** The servers' public key, by which Chromium knows them: base64 of its SHA-256. */
  async fingerprint() {
    const spki = this.#file('spki');
    await run('openssl', ['x509', '-in', this.#file('certificate'), '-pubkey', '-noout',
      '-out', `${spki}.pem`]);
    await run('openssl', ['pkey', '-pubin', '-in', `${spki}.pem`, '-outform', 'DER', '-out', spki]);
    const digest = await run('openssl', ['dgst', '-sha256', '-r', spki]);
    return Buffer.from(digest.split(' ')[0], 'hex').toString('base64');
  }

  #file(name) {
    return path.join(this.#namespaces.folder, name);
  }

  #signaling(address) {
    return [path.join(ROOT, 'tools', 'signaling', 'server.mjs'),
      '--host', address, '--port', 8080, '--static', SITE,
      '--secret-file', this.#file(`secret-${address}`)];
  }

  #handOutTurn(secret) {
    return [...[STUN_URL, ...TURN_URLS].flatMap((url) => ['--ice-server', url]),
      '--turn-secret-file', this.#file(secret), '--turn-ttl', this.#credentialsLastS];
  }

  async #connect(short, addresses) {
    const namespaces = this.#namespaces;
    await namespaces.add(short);
    await namespaces.cable([short, 'uplink'], ['internet', short]);
    await namespaces.ip('internet', `addr add ${ROUTER}/32 dev ${short}`,
      ...addresses.map((address) => `route add ${address} dev ${short}`));
    await namespaces.ip(short,
      ...addresses.map((address) => `addr add ${address}/32 dev uplink`),
      `route add default via ${ROUTER} dev uplink onlink`);
  }

  async #makeCertificate() {
    const names = [...TURN, ...MEETS].map((address) => `IP:${address}`).join();
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
      '-nodes', '-days', 2, '-subj', '/CN=dvmeet laboratory', '-addext', `subjectAltName=${names}`,
      '-keyout', this.#file('key'), '-out', this.#file('certificate')]);
  }

  async #configure() {
    await writeFile(this.#file('turn-secret'), this.#secret, { mode: 0o600 });
    await writeFile(this.#file('wrong-secret'), randomBytes(16).toString('hex'), { mode: 0o600 });
    await writeFile(this.#file('turn.conf'), `
${TURN.map((address) => `listening-ip=${address}`).join('\n')}
relay-ip=${TURN[0]}
listening-port=3478
alt-listening-port=3479
tls-listening-port=443
alt-tls-listening-port=444
cert=${this.#file('certificate')}
pkey=${this.#file('key')}
realm=meet.example
fingerprint
use-auth-secret
static-auth-secret=${this.#secret}
no-cli
no-multicast-peers
denied-peer-ip=10.0.0.0-10.255.255.255
denied-peer-ip=172.16.0.0-172.31.255.255
denied-peer-ip=192.168.0.0-192.168.255.255
userdb=${this.#file('turn.db')}
log-file=stdout
pidfile=${this.#file('turn.pid')}
`, { mode: 0o600 });
  }

  /** Starts a program and waits until it listens. */
  async #run(name, namespace, endpoint, program, parameters) {
    const log = createWriteStream(path.join(LOGS, `nat-${name}.log`));
    await once(log, 'open');
    const child = this.#namespaces.spawn(namespace, program, parameters, {
      stdio: ['ignore', log, log],
    });
    log.close(); // the child has a descriptor of its own
    this.#running.set(name, child);
    const deadline = performance.now() + START_PATIENCE_MS;
    for (;;) {
      const listening = await this.#namespaces.run(namespace, 'ss', ['-Hltn']);
      if (listening.includes(`${endpoint} `)) return;
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`${name} doesn't start; see build/logs/nat-${name}.log`);
      }
      await pause(START_POLL_MS);
    }
  }

  async #kill(name) {
    const child = this.#running.get(name);
    this.#running.delete(name);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
