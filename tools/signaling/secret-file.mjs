// Secrets that lie in files.

import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

import { MIN_SECRET_CHARS } from './limits.mjs';

/** The file doesn't hold a secret; the message says why, without its content. */
export class SecretError extends Error {}

/** @param {string} file */
export function readSecret(file) {
  let content;
  try {
    content = readFileSync(file, 'utf8').trim();
  } catch ({ code }) {
    throw new SecretError(`cannot be read (${code}): '${file}'`);
  }
  if (!content) throw new SecretError(`is empty: '${file}'`);
  return content;
}

/** Reads the signing secret, or writes a random one that only this user may read. */
export function readOrCreateSecret(file) {
  try {
    const secret = randomBytes(32).toString('base64url');
    writeFileSync(file, `${secret}\n`, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch ({ code }) {
    if (code !== 'EEXIST') throw new SecretError(`cannot be created (${code}): '${file}'`);
  }
  const content = readSecret(file);
  if (content.length >= MIN_SECRET_CHARS) return content;
  const problem = `has ${content.length} characters, fewer than ${MIN_SECRET_CHARS}`;
  throw new SecretError(`${problem}: '${file}'`);
}
