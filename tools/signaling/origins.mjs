// Which pages may talk to this server.

/**
 * A request without Origin comes from no page (a program, or a same-origin GET) and passes; one
 * from the page this host serves passes; any other origin must be listed, or '*' be.
 */
export function isOriginAllowed({ origin, host }, allowedOrigins) {
  if (origin === undefined) return true;
  if (allowedOrigins.includes('*') || allowedOrigins.includes(origin)) return true;
  try {
    return new URL(origin).host === host?.toLowerCase();
  } catch {
    return false; // 'null' (a sandboxed frame, a file) or no URL at all
  }
}
