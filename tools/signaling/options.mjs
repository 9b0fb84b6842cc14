// The command line: what may be said, and what is wrong with what was said.

import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { DEFAULT_MAX_PARTICIPANTS } from './limits.mjs';
import { readOrCreateSecret, readSecret, SecretError } from './secret-file.mjs';

export const HELP = `Usage: node server.mjs [options]

Serves dvMeet signaling (Socket.IO) and, if asked, the page on one port.

  --port N               port to listen on (default 8080; 0 takes any free one)
  --host HOST            address to listen on (default 0.0.0.0, all of IPv4;
                         127.0.0.1 for this machine only, :: for IPv6 too)
  --static DIR           folder to serve at /
  --base PATH            serve that folder at PATH too, e.g. /meet (repeatable)
  --origin ORIGIN        allow pages of this origin, e.g. https://meet.example, to connect
                         (repeatable; * allows all; the own page may anyhow, except
                         behind a proxy that changes Host: then name its origin)
  --ice-server URL       stun:, turn: or turns: URL handed to clients (repeatable)
  --turn-secret-file F   file with the secret shared with the TURN server
                         (or the environment variable DVMEET_TURN_SECRET)
  --turn-ttl SECONDS     how long TURN credentials are valid (default 43200)
  --secret-file F        file with the secret that signs resume tokens, made if missing;
                         without it calls don't survive a restart of this server as
                         the same participants
  --max-participants N   participants per room (default ${DEFAULT_MAX_PARTICIPANTS})
  --help                 show this
`;

/** What a person typed can't be done; the message is one line and names the option. */
export class UsageError extends Error {}

/** @satisfies {import('node:util').ParseArgsConfig['options']} */
const OPTIONS = {
  port: { type: 'string', default: '8080' },
  host: { type: 'string', default: '0.0.0.0' },
  static: { type: 'string' },
  base: { type: 'string', multiple: true, default: [] },
  origin: { type: 'string', multiple: true, default: [] },
  'ice-server': { type: 'string', multiple: true, default: [] },
  'turn-secret-file': { type: 'string' },
  'turn-ttl': { type: 'string', default: '43200' },
  'secret-file': { type: 'string' },
  'max-participants': { type: 'string', default: String(DEFAULT_MAX_PARTICIPANTS) },
  help: { type: 'boolean', default: false },
};

/**
 * @returns {{help: boolean, port?: number, host?: string,
 *   server?: Parameters<typeof import('./app.mjs').createServer>[0]}} all there unless `help`
 */
export function readOptions(args, env) {
  const values = parsed(args);
  if (values.help) return { help: true };
  const iceServers = values['ice-server'].map(iceServerUrl);
  const turnSecret = orUsage('turn-secret-file', values['turn-secret-file'], readSecret)
    ?? (env.DVMEET_TURN_SECRET || undefined);
  if (!turnSecret && iceServers.some((url) => url.startsWith('turn'))) {
    throw new UsageError('--ice-server: a turn: URL needs --turn-secret-file'
      + ' or DVMEET_TURN_SECRET');
  }
  return {
    help: false,
    port: integer('port', values.port, 0, 65_535),
    host: values.host || fail('host', 'is empty'),
    server: {
      staticDir: values.static === undefined ? undefined : folder(values.static),
      basePaths: values.base.map(basePath),
      origins: values.origin.map(origin),
      iceServers,
      turnSecret,
      secret: orUsage('secret-file', values['secret-file'], readOrCreateSecret),
      turnTtlSeconds: integer('turn-ttl', values['turn-ttl'], 60, 7 * 24 * 3600),
      maxParticipants: integer('max-participants', values['max-participants'], 2, 64),
    },
  };
}

function parsed(args) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch ({ message }) {
    throw new UsageError(message.split(/\n|\. /, 1)[0]);
  }
}

/** @returns {never} */
function fail(option, problem) {
  throw new UsageError(`--${option} ${problem}`);
}

function integer(option, value, min, max) {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  return number >= min && number <= max
    ? number : fail(option, `must be a whole number from ${min} to ${max}, not '${value}'`);
}

function folder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? path : fail('static', `must be a folder, and '${path}' is none`);
}

function basePath(value) {
  const path = value.replace(/\/$/, '');
  const isPath = /^(\/[\w~-][\w.~-]*)+$/.test(path) && !/^\/(socket\.io|health)(\/|$)/.test(path);
  return isPath ? path : fail('base', `must be a path like /meet, not '${value}'`);
}

function origin(value) {
  if (value === '*') return value;
  const url = tryUrl(value);
  const isOrigin = url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  return isOrigin ? url.origin
    : fail('origin', `must be like https://meet.example, or *, not '${value}'`);
}

function tryUrl(value) {
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}

function iceServerUrl(value) {
  return /^(stuns?|turns?):[^\s/?@]+(\?transport=(udp|tcp))?$/.test(value) ? value
    : fail('ice-server', `must be like stun:HOST:PORT or turn:HOST:PORT, not '${value}'`);
}

/** What is read from the file; nothing if none is named. */
function orUsage(option, file, read) {
  if (file === undefined) return undefined;
  try {
    return read(file);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    fail(option, error.message);
  }
}
