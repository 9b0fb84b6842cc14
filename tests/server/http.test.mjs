// The page, its headers and its paths; and which origins may connect.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { connect, request, startServer } from './harness.mjs';

const POLL = '/socket.io/?EIO=4&transport=polling';
const UPGRADE = {
  Connection: 'Upgrade', Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** A site in a folder of its own, with a file beside it that nobody may see. */
function makeSite(t) {
  const parent = mkdtempSync(join(tmpdir(), 'dvmeet-site-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const staticDir = join(parent, 'site');
  mkdirSync(join(staticDir, 'dist'), { recursive: true });
  for (const [name, content] of Object.entries({
    'index.html': '<!doctype html>', 'page.js': 'export {};', 'page.css': 'b {}',
    'dist/core.wasm': '\0asm', '.hidden': 'hidden', '../secret': 'secret', '../site-2': 'secret',
  })) writeFileSync(join(staticDir, name), content);
  return staticDir;
}

test('files have the types that browsers insist on', async (t) => {
  const server = await startServer(t, { staticDir: makeSite(t) });
  for (const [path, type] of [
    ['/', 'text/html; charset=utf-8'],
    ['/?room=standup&name=Ana', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/dist/core.wasm', 'application/wasm'],
  ]) {
    const { status, headers } = await request(server, path);
    assert.deepEqual([path, status, headers['content-type']], [path, 200, type]);
  }
});

test('every response carries the security headers', async (t) => {
  const server = await startServer(t, { staticDir: makeSite(t), basePaths: ['/meet'] });
  for (const [path, expected, options] of [
    ['/', 200], ['/page.js', 200], ['/meet', 308], ['/meet/', 200], ['/health', 200], [POLL, 200],
    ['/nothing', 404], ['/%zz', 404], ['/dist', 404], ['/', 405, { method: 'POST' }],
    [POLL, 403, { headers: { Origin: 'https://evil.example' } }],
  ]) {
    const { status, headers } = await request(server, path, options);
    assert.deepEqual([path, status], [path, expected]);
    assert.equal(headers['content-security-policy'], "default-src 'self'; "
      + "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:", path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['referrer-policy'], 'no-referrer', path);
    assert.equal(headers['permissions-policy'],
      'camera=(self), microphone=(self), display-capture=(self)', path);
  }
});

test('a rebuilt file is seen at once, an unchanged one is not sent again', async (t) => {
  const staticDir = makeSite(t);
  const server = await startServer(t, { staticDir });
  const first = await request(server, '/page.js');
  assert.equal(first.headers['cache-control'], 'no-cache');
  const headers = { 'If-None-Match': first.headers.etag };
  assert.equal((await request(server, '/page.js', { headers })).status, 304);

  writeFileSync(join(staticDir, 'page.js'), 'export default 2;');
  writeFileSync(join(staticDir, 'new.js'), 'export {};');
  assert.equal((await request(server, '/page.js', { headers })).body, 'export default 2;');
  assert.equal((await request(server, '/new.js')).status, 200);
});

test('the page works from every sub-path that was asked for', async (t) => {
  const server = await startServer(t, { staticDir: makeSite(t), basePaths: ['/meet', '/a/b'] });
  assert.equal((await request(server, '/meet/')).body, '<!doctype html>');
  assert.equal((await request(server, '/meet/page.js')).body, 'export {};');
  assert.equal((await request(server, '/a/b/dist/core.wasm')).body, '\0asm');
  assert.equal((await request(server, '/meet?room=a%20b')).headers.location, '/meet/?room=a%20b');
  assert.equal((await request(server, '/meeting/')).status, 404);
  assert.equal((await request(server, '/b/')).status, 404);
});

test('nothing outside the folder, and nothing hidden, is served', async (t) => {
  const server = await startServer(t, { staticDir: makeSite(t), basePaths: ['/meet'] });
  for (const path of [
    '/../secret', '/../site-2', '/%2e%2e/secret', '/..%2fsecret', '/..%5csecret', '/..\\secret',
    '/dist/../../secret', '/meet/../secret', '/meet/../../secret', '/meet/%2e%2e/secret',
    '//../secret', '/....//secret', '/secret', '/etc/passwd', '/.hidden', '/meet/.hidden',
    '/%00', '/page.js%00',
  ]) {
    const { status, body } = await request(server, path);
    assert.equal(status, 404, path);
    assert.doesNotMatch(body, /secret|hidden/, path);
  }
});

test('requests that trip up file servers are survived', async (t) => {
  const server = await startServer(t, { staticDir: makeSite(t) });
  for (const Range of ['bytes=5-2', 'bytes=-1', 'bytes=9-', 'bytes=a-b', 'bytes=0-0,0-0']) {
    const { status, body } = await request(server, '/page.js', { headers: { Range } });
    assert.deepEqual([status, body], [200, 'export {};'], Range);
  }
  assert.deepEqual((await request(server, '/page.js', { method: 'HEAD' })).body, '');
  const h2c = { Connection: 'Upgrade', Upgrade: 'websocket' };
  assert.equal((await request(server, '/', { headers: h2c })).status, 404);
  assert.equal((await request(server, `${POLL}&sid=guess`)).status, 400);
  assert.equal((await request(server, '/page.js')).status, 200);
});

test('without a folder there is no page, and signaling works', async (t) => {
  const server = await startServer(t);
  assert.equal((await request(server, '/')).status, 404);
  await connect(t, server);
});

test('health tells what the server holds', async (t) => {
  const server = await startServer(t);
  const { status, headers, body } = await request(server, '/health?x=1');
  assert.deepEqual([status, headers['content-type']], [200, 'application/json; charset=utf-8']);
  const { uptimeSeconds, ...counts } = JSON.parse(body);
  assert.deepEqual(counts, {
    status: 'ok', rooms: 0, participants: 0, away: 0, droppedMessages: 0,
  });
  assert.ok(Number.isInteger(uptimeSeconds) && uptimeSeconds >= 0);
});

for (const [who, origins, origin, isAllowed] of [
  ['a program without an origin', [], () => undefined, true],
  ['the own page', [], ({ port }) => `http://127.0.0.1:${port}`, true],
  ['a listed page', ['https://a.example', 'https://b.example'], () => 'https://b.example', true],
  ['any page where all are allowed', ['*'], () => 'https://c.example', true],
  ['a sandboxed page where all are allowed', ['*'], () => 'null', true],
  ['another page', ['https://a.example'], () => 'https://evil.example', false],
  ['a page named like a listed one', ['https://a.example'], () => 'https://a.example.evil', false],
  ['the listed host by another scheme', ['https://a.example'], () => 'http://a.example', false],
  ['another port of the own host', [], () => 'http://127.0.0.1:1', false],
  ['a sandboxed page', ['https://a.example'], () => 'null', false],
  ['an origin that is none', ['https://a.example'], () => '%%%', false],
]) {
  test(`${who} ${isAllowed ? 'may' : 'may not'} connect`, async (t) => {
    const server = await startServer(t, { origins });
    const value = origin(server);
    const headers = value === undefined ? {} : { Origin: value };
    const polled = await request(server, POLL, { headers });
    assert.equal(polled.status, isAllowed ? 200 : 403, 'polling');
    const ws = '/socket.io/?EIO=4&transport=websocket';
    const upgraded = await request(server, ws, { headers: { ...headers, ...UPGRADE } });
    assert.equal(upgraded.status, isAllowed ? 101 : 403, 'WebSocket');
    const preflight = await request(server, POLL, { headers, method: 'OPTIONS' });
    assert.equal(preflight.status, isAllowed ? 204 : 403, 'preflight');

    const shared = polled.headers['access-control-allow-origin'];
    if (origins.includes('*')) assert.equal(shared, '*');
    else assert.equal(shared, isAllowed && origins.includes(value) ? value : undefined);
  });
}

test('a session that another origin has learned of is of no use to it', async (t) => {
  const server = await startServer(t);
  const { body } = await request(server, POLL);
  const { sid } = JSON.parse(body.slice(1));
  const headers = { Origin: 'https://evil.example' };
  assert.equal((await request(server, `${POLL}&sid=${sid}`, { headers })).status, 403);
  const ws = `/socket.io/?EIO=4&transport=websocket&sid=${sid}`;
  assert.equal((await request(server, ws, { headers: { ...headers, ...UPGRADE } })).status, 403);
});
