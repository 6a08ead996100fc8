/**
 * Lenient base64, as Python's `base64.urlsafe_b64decode` reads it.
 *
 * Fernet tokens, key files and S3 strings to sign were read by that decoder for years, so what it accepts is part of
 * the formats: both alphabets, foreign characters skipped, everything after complete padding ignored.
 */

const CANONICAL = /^[A-Za-z0-9_-]*$/;
const PAD = 0x3d;
const SKIP = 64;

/** Byte → six bits; SKIP for everything outside the two alphabets. */
const VALUES = ((): Uint8Array => {
  const table = new Uint8Array(256).fill(SKIP);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  for (let value = 0; value < 64; value += 1) table[alphabet.charCodeAt(value)] = value;
  table['-'.charCodeAt(0)] = 62;
  table['_'.charCodeAt(0)] = 63;
  return table;
})();

/** Text without its trailing padding characters. */
export function stripPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === PAD) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

/**
 * Decode base64 in either alphabet.
 *
 * @param text padded text; characters outside the alphabets are skipped
 * @returns the bytes, or null when the padding does not complete the last group
 */
export function decodeBase64Lenient(text: string): Buffer | null {
  if (text.length % 4 === 0) {
    // The usual case, natively: nothing but the alphabet, complete to the last group.
    const body = stripPadding(text);
    const rest = body.length % 4;
    if (rest !== 1 && text.length - body.length === (4 - rest) % 4 && CANONICAL.test(body)) {
      return Buffer.from(body, 'base64url');
    }
  }
  return decodeSkipping(Buffer.from(text, 'utf8'));
}

function decodeSkipping(input: Buffer): Buffer | null {
  const output = Buffer.allocUnsafe(Math.ceil((input.length * 3) / 4));
  let length = 0;
  let position = 0;
  let carry = 0;
  let pads = 0;
  for (const byte of input) {
    if (byte === PAD) {
      pads += 1;
      if (position >= 2 && position + pads >= 4) return output.subarray(0, length);
      if (position < 2) pads = 0;
      continue;
    }
    const value = VALUES[byte] ?? SKIP;
    if (value === SKIP) continue;
    pads = 0;
    if (position > 0) {
      const keep = 6 - 2 * position;
      output[length] = ((carry << (2 * position)) | (value >> keep)) & 0xff;
      length += 1;
      carry = value & ((1 << keep) - 1);
    } else {
      carry = value;
    }
    position = (position + 1) % 4;
  }
  return position === 0 ? output.subarray(0, length) : null;
}
