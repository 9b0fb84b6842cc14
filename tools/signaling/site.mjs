// What the server answers to plain HTTP: the page, at / and at every sub-path, and /health.

import serveStatic from 'serve-static';

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self)',
  // Files are asked for again each time and answered 304 when unchanged: a rebuild is seen at once.
  'Cache-Control': 'no-cache',
};

export function setHeaders(response) {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
}

/** @param {{staticDir?: string, basePaths: string[], health: () => object}} site */
export function createSite({ staticDir, basePaths, health }) {
  const serveFile = staticDir === undefined
    ? (request, response, next) => next()
    : serveStatic(staticDir, { acceptRanges: false, cacheControl: false, redirect: false });

  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return answer(response, 405, 'Only GET and HEAD are answered here.\n');
    }
    const [path] = request.url.split('?', 1);
    if (path === '/health') {
      return answer(response, 200, `${JSON.stringify(health())}\n`, 'application/json');
    }
    const base = basePaths.find((prefix) => path === prefix || path.startsWith(`${prefix}/`));
    if (path === base) {
      // The page's relative links need the slash.
      response.setHeader('Location', `${base}/${request.url.slice(base.length)}`);
      return answer(response, 308, '');
    }
    if (base) request.url = request.url.slice(base.length);
    serveFile(request, response, (error) => error
      ? answer(response, 500, 'The file cannot be read.\n')
      : answer(response, 404, 'There is no such file.\n'));
  };
}

export function answer(response, status, body, type = 'text/plain') {
  response.writeHead(status, {
    'Content-Type': `${type}; charset=utf-8`, 'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
