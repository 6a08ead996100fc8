/**
 * SHA-512 crypt, `$6$[rounds=N$]salt$checksum` (U. Drepper, "Unix crypt using SHA-256 and SHA-512", 2007): what
 * Newton stores.
 */
import * as crypto from 'node:crypto';
import { equalText } from '../constant_time.js';
import { encodeHash64 } from './hash64.js';
import type { Scheme } from './scheme.js';

const DIGEST = 64;
const SALT_CHARACTERS = 16;
/** Rounds that a hash does not mention. */
const IMPLICIT_ROUNDS = 5000;
const MIN_ROUNDS = 1000;
const MAX_ROUNDS = 999_999_999;
const PATTERN = /^\$6\$(?:rounds=([1-9]\d*)\$)?([./0-9A-Za-z]{0,16})\$([./0-9A-Za-z]{86})$/;

/** The order in which the digest's bytes are encoded: three columns of 21, each group rotated by one. */
const ENCODING_ORDER = ((): readonly number[] => {
  const order: number[] = [];
  for (let row = 0; row < 21; row += 1) {
    const columns = [row, row + 21, row + 42];
    // The encoder starts with the lowest bits, the specification with the highest: hence backwards.
    for (let step = 2; step >= 0; step -= 1) order.push(columns[(step + row) % 3] ?? 0);
  }
  order.push(63);
  return order;
})();

export const sha512Crypt: Scheme = {
  hash(password, { rounds }) {
    const salt = encodeHash64(crypto.randomBytes(SALT_CHARACTERS)).slice(0, SALT_CHARACTERS);
    return sha512CryptHash(password, salt, rounds);
  },
  verify(password, hash) {
    const match = PATTERN.exec(hash);
    if (match === null || password.includes(0)) return null;
    const [, spelled, salt = '', checksum = ''] = match;
    const rounds = spelled === undefined ? IMPLICIT_ROUNDS : Number(spelled);
    if (rounds < MIN_ROUNDS || rounds > MAX_ROUNDS) return null;
    return equalText(sha512CryptChecksum(password, salt, rounds), checksum);
  },
};

/**
 * The hash of a password under a given salt.
 *
 * @param salt up to 16 characters of `./0-9A-Za-z`
 * @param rounds 1000 to 999,999,999; 5000 is left out of the text, as the format allows
 */
export function sha512CryptHash(password: Uint8Array, salt: string, rounds: number): string {
  const spelled = rounds === IMPLICIT_ROUNDS ? '' : `rounds=${rounds}$`;
  return `$6$${spelled}${salt}$${sha512CryptChecksum(password, salt, rounds)}`;
}

function sha512CryptChecksum(password: Uint8Array, saltText: string, rounds: number): string {
  const salt = Buffer.from(saltText, 'latin1');
  const { length } = password;
  const alternate = sha512(Buffer.concat([password, salt, password]));

  const start: Uint8Array[] = [password, salt, repeat(alternate, length)];
  for (let bits = length; bits > 0; bits >>>= 1) start.push((bits & 1) === 1 ? alternate : password);
  let digest = sha512(Buffer.concat(start));

  const passwordBytes = repeat(sha512Times(password, length), length);
  const saltBytes = repeat(sha512Times(salt, 16 + (digest[0] ?? 0)), salt.length);

  // Which parts a round hashes depends on its number modulo 2, 3 and 7 alone: each of the 42 messages is laid out
  // once, with a gap that the digest of the round before is copied into.
  const messages = Array.from({ length: 42 }, (_, round) => layOut(round, passwordBytes, saltBytes));
  for (let round = 0; round < rounds; round += 1) {
    const message = messages[round % 42] as Message;
    message.bytes.set(digest, message.gap);
    digest = sha512(message.bytes);
  }
  return encodeHash64(Buffer.from(ENCODING_ORDER.map((index) => digest[index] ?? 0)));
}

interface Message {
  readonly bytes: Buffer;
  /** Where the digest goes. */
  readonly gap: number;
}

function layOut(round: number, password: Buffer, salt: Buffer): Message {
  const gap = Buffer.alloc(DIGEST);
  const odd = round % 2 === 1;
  const parts = [odd ? password : gap];
  if (round % 3 !== 0) parts.push(salt);
  if (round % 7 !== 0) parts.push(password);
  parts.push(odd ? gap : password);
  const bytes = Buffer.concat(parts);
  return { bytes, gap: odd ? bytes.length - DIGEST : 0 };
}

/** The bytes again and again, up to a length. */
function repeat(bytes: Uint8Array, length: number): Buffer {
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes);
}

/** The digest of a text repeated; never laid out, because a long password squared would fill the memory. */
function sha512Times(bytes: Uint8Array, times: number): Buffer {
  const hash = crypto.createHash('sha512');
  for (let count = 0; count < times; count += 1) hash.update(bytes);
  return hash.digest();
}

/** One-shot hashing is a third faster; Node 20.11 does not have it yet. */
const sha512: (bytes: Uint8Array) => Buffer =
  typeof crypto.hash === 'function'
    ? (bytes) => crypto.hash('sha512', bytes, 'buffer')
    : (bytes) => crypto.createHash('sha512').update(bytes).digest();
