#!/usr/bin/env node
// The signaling server as a command.

import { createServer, logLine } from './app.mjs';
import { HELP, readOptions, UsageError } from './options.mjs';

function main() {
  let options;
  try {
    options = readOptions(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return giveUp(2, `${error.message} (see --help)`);
  }
  if (options.help) return process.stdout.write(HELP);

  const { port, host } = options;
  const { httpServer, close } = createServer(options.server);
  httpServer.once('error', (error) => giveUp(1, listenProblem(error, host, port)));
  httpServer.listen(port, host, () => {
    const bound = /** @type {import('node:net').AddressInfo} */ (httpServer.address());
    const url = pageUrl(host, bound.port);
    for (const signal of ['SIGINT', 'SIGTERM']) {
      // Once: whoever asks a second time needn't wait for the first.
      process.once(signal, () => close().then(() => logLine('stopped', { signal })));
    }
    logLine('listening', { url, host, port: bound.port });
    console.error(`dvMeet is at ${url}`);
    if (!options.server.secret) {
      console.error("Without --secret-file, calls don't survive a restart of this server as the"
        + ' same participants.');
    }
  });
}

/** Where a browser on this machine finds the page; only there is plain http a secure context. */
function pageUrl(host, port) {
  const isAnyAddress = host === '0.0.0.0' || host === '::';
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${isAnyAddress ? 'localhost' : name}:${port}/`;
}

/**
 * @param {NodeJS.ErrnoException} error
 * @param {string} host
 * @param {number} port
 */
function listenProblem({ code, message }, host, port) {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use: stop the program that uses it, or choose another with --port`;
    case 'EACCES':
      return `port ${port} is not for this user: choose one from 1024 up with --port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `--host ${host} is no address of this machine`;
    default:
      return message;
  }
}

function giveUp(status, message) {
  console.error(`dvmeet-signaling: ${message}`);
  process.exitCode = status;
}

main();
