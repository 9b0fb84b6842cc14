// A coturn of the test's own, on this machine's loopback.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { eventually } from './waiting.mjs';

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

const accepts = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('connect', () => resolve(true));
  socket.on('error', () => resolve(false));
  socket.on('close', () => resolve(false));
  socket.on('connect', () => socket.destroy());
});

/**
 * Stops with the test.
 * @param {import('node:test').TestContext} t
 * @returns {Promise<{secret: string, host: string}>} of TURN credentials that expire
 */
export async function startRelay(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'dvmeet-relay-'));
  const secret = randomBytes(16).toString('hex');
  const port = await freePort();
  const file = (name) => path.join(folder, name);
  await writeFile(file('turn.conf'), [
    'listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', `listening-port=${port}`, 'realm=dvmeet',
    'use-auth-secret', `static-auth-secret=${secret}`, 'fingerprint', 'no-tls', 'no-dtls',
    'no-cli', 'allow-loopback-peers', 'no-multicast-peers', `userdb=${file('db')}`,
    `pidfile=${file('pid')}`, `log-file=${file('log')}`, 'simple-log', '',
  ].join('\n'));
  const coturn = spawn('turnserver', ['-c', file('turn.conf')], { stdio: 'ignore' });
  t.after(async () => {
    coturn.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  await eventually('coturn listens', () => accepts(port));
  return { secret, host: `127.0.0.1:${port}` };
}
