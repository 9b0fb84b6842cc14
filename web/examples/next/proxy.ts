// A strict policy for every page: scripts by nonce, WebAssembly allowed, eval not.
import { NextResponse, type NextRequest } from 'next/server';

export function proxy(request: NextRequest) {
  const nonce = crypto.randomUUID();
  const policy = `default-src 'self'; connect-src 'self' ws: wss:; `
    + `script-src 'self' 'nonce-${nonce}' 'wasm-unsafe-eval'`;
  const headers = new Headers(request.headers);
  headers.set('Content-Security-Policy', policy); // Next takes the nonce from here
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('Content-Security-Policy', policy);
  return response;
}
