import { createHmac } from 'node:crypto';
import { equalText } from './constant_time.js';

const STEP_SECONDS = 30;
const DIGITS = 6;
/** RFC 4226 section 4 asks for 128 bits at least. */
const MIN_SECRET_BYTES = 16;

/** The stored secret cannot make passcodes: not base32, or too short. The secret is not repeated. */
export class InvalidTotpSecret extends Error {
  override readonly name = 'InvalidTotpSecret';
}

/**
 * The passcode of a secret at a time (RFC 6238 with SHA-1, six digits, steps of 30 seconds).
 *
 * @param secret base32 in upper case, as stored in the blob of a `totp` credential; missing padding is added
 * @param time seconds since the epoch, fractions allowed
 * @throws InvalidTotpSecret
 */
export function totpPasscode(secret: string, time: number): string {
  const key = decodeBase32(secret);
  if (key.length < MIN_SECRET_BYTES) {
    throw new InvalidTotpSecret(`a TOTP secret must have at least ${MIN_SECRET_BYTES} bytes`);
  }
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / STEP_SECONDS)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = digest.readUInt8(digest.length - 1) & 0x0f;
  const number = digest.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/**
 * Whether a passcode is the one of the current step, or of one of so many before it. Later steps never count.
 *
 * @returns false also for an unusable secret
 */
export function verifyTotp(secret: string, passcode: string, time: number, previousSteps = 0): boolean {
  let matches = false;
  try {
    for (let step = 0; step <= previousSteps; step += 1) {
      // All steps are compared, whichever matches.
      matches = equalText(passcode, totpPasscode(secret, time - step * STEP_SECONDS)) || matches;
    }
    return matches;
  } catch (error) {
    if (error instanceof InvalidTotpSecret) return false;
    throw error;
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const LEGAL_PADDING = new Set([0, 1, 3, 4, 6]);

/** RFC 4648 base32, upper case only; the text is completed to a multiple of eight characters first. */
function decodeBase32(secret: string): Buffer {
  const padded = secret.padEnd(Math.ceil(secret.length / 8) * 8, '=');
  const body = padded.replace(/=+$/, '');
  if (!LEGAL_PADDING.has(padded.length - body.length)) {
    throw new InvalidTotpSecret('a TOTP secret must be base32: the number of characters is impossible');
  }
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of body) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) throw new InvalidTotpSecret('a TOTP secret must be base32 in upper case');
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  return Buffer.from(bytes);
}
