/** PBKDF2 (RFC 8018) with HMAC-SHA512 as `$pbkdf2-sha512$rounds$salt$checksum`, in base64 with `.` for `+`. */
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { equalBytes } from '../constant_time.js';
import type { Scheme } from './scheme.js';

const PATTERN = /^\$pbkdf2-sha512\$([1-9]\d{0,9})\$([A-Za-z0-9./+]*)={0,2}\$([A-Za-z0-9./+]{86})={0,2}$/;
const CHECKSUM_BYTES = 64;
/** What the library takes. */
const MAX_ROUNDS = 2 ** 31 - 1;

export const pbkdf2Sha512: Scheme = {
  hash(password, { rounds, saltBytes }) {
    const salt = randomBytes(saltBytes);
    return `$pbkdf2-sha512$${rounds}$${encode(salt)}$${encode(compute(password, salt, rounds))}`;
  },
  verify(password, hash) {
    const match = PATTERN.exec(hash);
    if (match === null) return null;
    const [, spelled, salt = '', checksum = ''] = match;
    const rounds = Number(spelled);
    if (rounds > MAX_ROUNDS || salt.length % 4 === 1) return null;
    return equalBytes(compute(password, decode(salt), rounds), decode(checksum));
  },
};

function compute(password: Uint8Array, salt: Uint8Array, rounds: number): Buffer {
  return pbkdf2Sync(password, salt, rounds, CHECKSUM_BYTES, 'sha512');
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '.').replace(/=+$/, '');
}

function decode(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64');
}
