/**
 * Values go through a cache that others may be able to write to: each is sealed by those who share the deployment, for
 * the one key that it was stored under. What was made up, changed or put under another key counts as nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Characters of a seal: HMAC-SHA-256 in base64url. */
export const SEAL_LENGTH = 43;

function sealOf(secret: string, name: string, value: string): string {
  return createHmac('sha256', secret).update(`${name}\n`).update(value).digest('base64url');
}

/** @param name the whole key of the value */
export function sealed(secret: string, name: string, value: string): string {
  return sealOf(secret, name, value) + value;
}

/** @returns undefined for what was not sealed with this secret for this key */
export function unsealed(secret: string, name: string, text: string): string | undefined {
  const value = text.slice(SEAL_LENGTH);
  const given = Buffer.from(text.slice(0, SEAL_LENGTH));
  const expected = Buffer.from(sealOf(secret, name, value));
  return given.length === expected.length && timingSafeEqual(given, expected) ? value : undefined;
}
