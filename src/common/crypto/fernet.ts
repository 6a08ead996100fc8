/**
 * Fernet (github.com/fernet/spec): version byte 0x80, 8 bytes of time, 16 bytes of IV, AES-128-CBC ciphertext with
 * PKCS#7 padding, 32 bytes of HMAC-SHA256 over all before; the whole in URL-safe base64.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeBase64Lenient } from './base64.js';
import { sha256Hex } from './digests.js';

const VERSION = 0x80;
const TIME_OFFSET = 1;
const IV_OFFSET = 9;
const IV_LENGTH = 16;
const BODY_OFFSET = IV_OFFSET + IV_LENGTH;
const MAC_LENGTH = 32;
const KEY_LENGTH = 32;
const FINGERPRINT_LENGTH = 16;

/** The text of a key is not 32 bytes of base64. The text itself is never repeated. */
export class InvalidFernetKey extends Error {
  override readonly name = 'InvalidFernetKey';
  constructor() {
    super('a Fernet key must be 32 bytes in URL-safe base64');
  }
}

/** One 256-bit key: the first half signs, the second encrypts. */
export class FernetKey {
  // Everything private, so that no inspection of an object that holds a key prints it.
  readonly #text: string;
  readonly #signing: Buffer;
  readonly #encryption: Buffer;

  /** @throws InvalidFernetKey */
  constructor(text: string) {
    const bytes = decodeBase64Lenient(text);
    if (bytes?.length !== KEY_LENGTH) throw new InvalidFernetKey();
    this.#text = text;
    this.#signing = bytes.subarray(0, 16);
    this.#encryption = bytes.subarray(16);
  }

  static generate(): FernetKey {
    // Padded, because other readers of a key repository insist on the padding.
    return new FernetKey(`${randomBytes(KEY_LENGTH).toString('base64url')}=`);
  }

  /** The text as it was given: what key files hold, and what `key_hash` of stored credentials is made of. */
  get text(): string {
    return this.#text;
  }

  /** What may be shown of the key: the first 16 hexadecimal digits of the SHA-256 of its text. */
  get fingerprint(): string {
    return sha256Hex(this.#text).slice(0, FINGERPRINT_LENGTH);
  }

  sign(data: Uint8Array): Buffer {
    return createHmac('sha256', this.#signing).update(data).digest();
  }

  encipher(plaintext: Uint8Array, iv: Uint8Array): Buffer {
    const cipher = createCipheriv('aes-128-cbc', this.#encryption, iv);
    return Buffer.concat([cipher.update(plaintext), cipher.final()]);
  }

  /** @throws when the length or the padding is wrong */
  decipher(ciphertext: Uint8Array, iv: Uint8Array): Buffer {
    const decipher = createDecipheriv('aes-128-cbc', this.#encryption, iv);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  }
}

export interface EncryptOptions {
  /** Seconds since the epoch; now when absent. */
  readonly now?: number;
  /** 16 bytes; random when absent. Only tests have a reason to give one. */
  readonly iv?: Uint8Array;
}

/** Encrypt to padded Fernet text. */
export function encryptFernet(key: FernetKey, plaintext: Uint8Array, options: EncryptOptions = {}): string {
  const iv = options.iv ?? randomBytes(IV_LENGTH);
  const head = Buffer.allocUnsafe(BODY_OFFSET);
  head[0] = VERSION;
  head.writeBigUInt64BE(BigInt(options.now ?? Math.floor(Date.now() / 1000)), TIME_OFFSET);
  head.set(iv, IV_OFFSET);
  const body = Buffer.concat([head, key.encipher(plaintext, iv)]);
  const text = Buffer.concat([body, key.sign(body)]).toString('base64url');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

export interface FernetMessage {
  readonly plaintext: Buffer;
  /** When it was made: seconds since the epoch. Not checked against the clock. */
  readonly timestamp: number;
}

/**
 * Decrypt padded Fernet text with the first key that signed it. The signature is checked, in constant time, before
 * anything is deciphered.
 *
 * @returns null for everything that is no message of these keys, without saying why: callers must not learn it
 */
export function decryptFernet(keys: readonly FernetKey[], text: string): FernetMessage | null {
  const data = decodeBase64Lenient(text);
  // A block of ciphertext at least, because the padding always fills one.
  if (data === null || data[0] !== VERSION || data.length <= BODY_OFFSET + MAC_LENGTH) return null;
  const body = data.subarray(0, data.length - MAC_LENGTH);
  const mac = data.subarray(data.length - MAC_LENGTH);
  const key = keys.find((candidate) => timingSafeEqual(candidate.sign(body), mac));
  if (key === undefined) return null;
  try {
    return {
      plaintext: key.decipher(body.subarray(BODY_OFFSET), body.subarray(IV_OFFSET, BODY_OFFSET)),
      timestamp: body.readUInt32BE(TIME_OFFSET) * 2 ** 32 + body.readUInt32BE(TIME_OFFSET + 4),
    };
  } catch {
    // Signed, but not whole blocks of ciphertext with padding: made by something else than Fernet.
    return null;
  }
}
