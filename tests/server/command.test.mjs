// The server as a command: what it prints, how it fails, how it ends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { Client, comeBack, connect, joinOurs, request, startServer } from './harness.mjs';

const COMMAND = fileURLToPath(new URL('../../tools/signaling/server.mjs', import.meta.url));

/** Runs the command; `ended` resolves to its exit status and all it printed. */
function run(t, args, env = {}) {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { ...process.env, ...env } });
  t.after(() => child.kill('SIGKILL'));
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => { printed[name] += text; });
  }
  const ended = once(child, 'close').then(([status]) => ({ status, ...printed }));
  return { child, ended };
}

async function started(t, args = [], env = {}) {
  const running = run(t, ['--port', '0', '--host', '127.0.0.1', ...args], env);
  const [line] = await once(createInterface(running.child.stdout), 'line');
  const { event, url, port } = JSON.parse(line);
  assert.equal(event, 'listening');
  return { ...running, url: url.replace(/\/$/, ''), port };
}

for (const [args, option] of [
  [['--port', 'x'], '--port'],
  [['--port', '65536'], '--port'],
  [['--port', '-1'], '--port'],
  [['--host', ''], '--host'],
  [['--static', '/no/such/folder'], '--static'],
  [['--static', '/dev/null'], '--static'],
  [['--base', 'meet'], '--base'],
  [['--base', '/'], '--base'],
  [['--base', '/../meet'], '--base'],
  [['--base', '/socket.io'], '--base'],
  [['--origin', 'meet.example'], '--origin'],
  [['--origin', 'https://meet.example/path'], '--origin'],
  [['--origin', 'ftp://meet.example'], '--origin'],
  [['--ice-server', 'http://turn.example'], '--ice-server'],
  [['--ice-server', 'turn:turn.example'], '--turn-secret-file'],
  [['--turn-secret-file', '/no/such/file'], '--turn-secret-file'],
  [['--turn-secret-file', '/dev/null'], '--turn-secret-file'],
  [['--turn-ttl', '5'], '--turn-ttl'],
  [['--secret-file', '/no/such/folder/secret'], '--secret-file'],
  [['--secret-file', '/dev/null'], '--secret-file'],
  [['--secret-file', '/'], '--secret-file'],
  [['--max-participants', '1'], '--max-participants'],
  [['--max-participants', '1e1'], '--max-participants'],
  [['--turn-secret', 'north'], '--turn-secret'],
  [['--port'], '--port'],
  [['--port', '--host'], '--port'],
  [['stray'], 'stray'],
]) {
  test(`"${args.join(' ')}" is refused in one line that names ${option}`, async (t) => {
    const { status, stdout, stderr } = await run(t, args, { DVMEET_TURN_SECRET: '' }).ended;
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^[^\n]+\n$/);
    assert.ok(stderr.includes(option), stderr);
    assert.ok(!stderr.includes('north'), stderr);
  });
}

test('--help explains every option', async (t) => {
  const { status, stdout } = await run(t, ['--help']).ended;
  assert.equal(status, 0);
  for (const option of ['port', 'host', 'static', 'base', 'origin', 'ice-server',
    'turn-secret-file', 'turn-ttl', 'secret-file', 'max-participants', 'help']) {
    assert.match(stdout, new RegExp(`--${option}\\b`));
  }
  assert.match(stdout, /participants per room \(default 12\)/);
});

test('a port in use is named, with what to do', async (t) => {
  const { port } = await startServer(t);
  const args = ['--port', `${port}`, '--host', '127.0.0.1'];
  const { status, stdout, stderr } = await run(t, args).ended;
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, new RegExp(`^[^\n]*port ${port} is in use[^\n]*--port\n$`));
});

test('a host that is not of this machine is named', async (t) => {
  const { status, stderr } = await run(t, ['--port', '0', '--host', '192.0.2.1']).ended;
  assert.equal(status, 1);
  assert.match(stderr, /^[^\n]*--host 192\.0\.2\.1[^\n]*\n$/);
});

test('listening on all addresses, it prints a URL that opens here', async (t) => {
  const running = run(t, ['--port', '0']);
  const [line] = await once(createInterface(running.child.stdout), 'line');
  const { url, host, port } = JSON.parse(line);
  assert.deepEqual([url, host], [`http://localhost:${port}/`, '0.0.0.0']);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`${signal} ends it cleanly while people are in a room`, async (t) => {
    const server = await started(t);
    const ana = await joinOurs(t, server, 'standup', 'Ana');
    const ben = await connect(t, server, { transports: ['polling'] });
    const end = new Client(ben.socket).until('disconnect');
    server.child.kill(signal);
    await Promise.all([ana.until('disconnect'), end]);
    const { status, stdout, stderr } = await server.ended;
    assert.equal(status, 0, stderr);
    const events = stdout.trim().split('\n').map((line) => JSON.parse(line).event);
    assert.deepEqual(events, ['listening', 'joined', 'stopped']);
  });
}

test('it ends although a client never closes its connection', { timeout: 15_000 }, async (t) => {
  const server = await started(t);
  const ana = await joinOurs(t, server, 'standup', 'Ana');
  const { ws } = ana.socket.io.engine.transport;
  ws._socket.pause(); // never reads the server's close frame
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).status, 0);
});

test('close() may be called twice, and before listening', async (t) => {
  const { createServer } = await import('../../tools/signaling/app.mjs');
  const server = createServer();
  await Promise.all([server.close(), server.close()]);
  await (await startServer(t)).close();
});

/** A folder of its own for this test. */
function makeFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'dvmeet-secret-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

for (const [where, prepare] of [
  ['a file', (path) => [['--turn-secret-file', path], { DVMEET_TURN_SECRET: 'other' }]],
  ['the environment', () => [[], { DVMEET_TURN_SECRET: 'north' }]],
]) {
  test(`the TURN secret comes from ${where}, and appears nowhere`, async (t) => {
    const folder = makeFolder(t);
    writeFileSync(join(folder, 'secret'), 'north\n');
    const [args, env] = prepare(join(folder, 'secret'));
    const server = await started(t, ['--ice-server', 'turn:turn.example', ...args], env);
    const ana = await joinOurs(t, server, 'standup', 'Ana');
    const [{ username, credential }] = ana.answer.iceServers;
    const { turnCredential } = await import('../../tools/signaling/turn.mjs');
    assert.equal(credential, turnCredential('north', ana.id, username.split(':')[0]).credential);
    server.child.kill('SIGTERM');
    const { stdout, stderr } = await server.ended;
    assert.doesNotMatch(stdout + stderr, /north/);
  });
}

test('a secret file is made for its owner alone, and outlives the server', async (t) => {
  const file = join(makeFolder(t), 'secret');
  const first = await started(t, ['--secret-file', file]);
  const ana = await joinOurs(t, first, 'standup', 'Ana');
  first.child.kill('SIGTERM');
  const { stdout, stderr } = await first.ended;
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const secret = readFileSync(file, 'utf8').trim();
  assert.ok(secret.length >= 32);
  assert.ok(!`${stdout}${stderr}`.includes(secret));
  assert.doesNotMatch(stderr, /--secret-file/);

  const second = await started(t, ['--secret-file', file]);
  const again = await comeBack(t, second, ana, 'standup', 'Ana');
  assert.deepEqual([again.answer.resumed, again.id], [true, ana.id]);
  assert.equal(readFileSync(file, 'utf8').trim(), secret);
});

test('a secret that is too short is refused without being told', async (t) => {
  const file = join(makeFolder(t), 'secret');
  writeFileSync(file, 'north-by-northwest');
  const { status, stderr } = await run(t, ['--secret-file', file]).ended;
  assert.equal(status, 2);
  assert.match(stderr, /^[^\n]*--secret-file has 18 characters, fewer than 32[^\n]*\n$/);
  assert.doesNotMatch(stderr, /north/);
});

test('without a secret file it says what does not survive', async (t) => {
  const server = await started(t);
  server.child.kill('SIGTERM');
  const { stderr } = await server.ended;
  assert.match(stderr, /^Without --secret-file, .*restart/m);
});

test('the log has no descriptions, names, rooms or addresses', async (t) => {
  const server = await started(t);
  const ana = await joinOurs(t, server, 'a-secret-room', 'Ana Secret');
  const again = await comeBack(t, server, ana, 'a-secret-room', 'Ana Secret');
  const sdp = { type: 'offer', sdp: 'secret-sdp' };
  again.emit('offer', { targetId: 'secret-target', sdp });
  again.emit('ice-candidate', { targetId: 'secret-target', candidate: { candidate: 7 } });
  await again.heard();
  await request(server, '/socket.io/', { headers: { Origin: 'https://secret.example' } });
  server.child.kill('SIGTERM');
  const { stdout } = await server.ended;
  assert.doesNotMatch(stdout.replace(/^.*"listening".*$/m, ''), /secret|127\.0\.0\.1/i);
  assert.ok(!stdout.includes(ana.answer.resumeToken));
  assert.match(stdout, /"code":"unknown_target"/);
});
