import { randomBytes, randomUUID } from 'node:crypto';

/** A random (version 4) UUID as 32 lower-case hexadecimal digits: the form of all ids and generated secrets. */
export function uuidHex(): string {
  return randomUUID().replaceAll('-', '');
}

/** A fresh audit id: the 16 bytes of a random UUID in unpadded URL-safe base64, 22 characters. */
export function newAuditId(): string {
  return Buffer.from(uuidHex(), 'hex').toString('base64url');
}

const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Random text of letters and digits, every character equally likely (OAuth verifiers: 8 of them). */
export function randomAlphanumeric(length: number): string {
  const limit = 256 - (256 % ALPHANUMERIC.length);
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // Bytes beyond the last whole multiple would favour the first characters.
      if (byte < limit && text.length < length) text += ALPHANUMERIC[byte % ALPHANUMERIC.length];
    }
  }
  return text;
}
