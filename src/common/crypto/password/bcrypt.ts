/** bcrypt in its spellings `$2$`, `$2a$`, `$2b$` and `$2y$`; computed by a native library. */
import { hashSync } from '@node-rs/bcrypt';
import { equalText } from '../constant_time.js';
import type { Scheme } from './scheme.js';

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PATTERN = /^\$(2[aby]?)\$(0[4-9]|[12]\d|3[01])\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;
/** The algorithm reads no more of a password. */
const MAX_BYTES = 72;
const CHECKSUM_CHARACTERS = 31;

export const bcrypt: Scheme = {
  hash: (password, { rounds }) => hashSync(password, { cost: rounds }),
  verify(password, hash) {
    const match = PATTERN.exec(hash);
    if (match === null || password.includes(0)) return null;
    const [, spelling = '', cost = '', saltText = '', checksum = ''] = match;
    const made = hashSync(spelling === '2' ? repeated(password) : password, {
      cost: Number(cost),
      salt: decodeSalt(saltText),
    });
    return equalText(made.slice(-CHECKSUM_CHARACTERS), withoutUnusedBits(checksum));
  },
};

/** The first version repeated the password without a NUL in between, the later ones with it. */
function repeated(password: Uint8Array): Uint8Array {
  return password.length === 0 ? password : Buffer.alloc(MAX_BYTES, password);
}

/** 22 characters hold 132 bits, four more than the salt: old implementations left random bits in them. */
function decodeSalt(text: string): Buffer {
  const standard = text.replace(/./g, (character) => BASE64.charAt(ALPHABET.indexOf(character)));
  return Buffer.from(standard, 'base64').subarray(0, 16);
}

/** The same for the checksum, whose last character holds two bits too many. */
function withoutUnusedBits(checksum: string): string {
  const last = ALPHABET.indexOf(checksum.slice(-1)) & ~0b11;
  return checksum.slice(0, -1) + ALPHABET.charAt(last);
}
