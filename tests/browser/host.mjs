// A plain static host, and listening on whatever port is free.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

/** Listens on a free port of this machine; closed by the caller. */
export async function listen(httpServer) {
  httpServer.listen(0, '127.0.0.1');
  await once(httpServer, 'listening');
  return `http://127.0.0.1:${httpServer.address().port}`;
}

const TYPES = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm', '.json': 'application/json',
};

/**
 * A host that knows files and nothing else.
 * @param {Record<string, string>} folders the first path prefix that fits, and its folder
 * @param {Record<string, string>} [headers]
 */
export async function startStaticHost(folders, headers = {}) {
  const httpServer = http.createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, 'http://host');
    const prefix = Object.keys(folders).find((each) => pathname.startsWith(each));
    const rest = pathname.slice(prefix?.length) || 'index.html';
    try {
      if (prefix === undefined || rest.includes('..')) throw new Error('not here');
      const content = await readFile(path.join(folders[prefix], rest));
      const type = TYPES[path.extname(rest)] ?? 'text/plain';
      response.writeHead(200, { 'Content-Type': type, ...headers });
      response.end(content);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  const url = await listen(httpServer);
  const close = () => new Promise((resolve) => {
    httpServer.close(resolve);
    httpServer.closeAllConnections();
  });
  return { url, close };
}
