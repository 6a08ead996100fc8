/** The base64 of crypt(3): another alphabet, and groups that begin with the lowest bits. */
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * Encode bytes in groups of three, the first byte of a group in the lowest bits.
 *
 * @returns 4 characters per group; 2 or 3 for the rest
 */
export function encodeHash64(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const group = bytes.subarray(index, index + 3);
    let value = (group[0] ?? 0) | ((group[1] ?? 0) << 8) | ((group[2] ?? 0) << 16);
    for (let count = 0; count <= group.length; count += 1) {
      text += ALPHABET[value & 0x3f];
      value >>= 6;
    }
  }
  return text;
}

/** The inverse of `encodeHash64`; null for foreign characters or an impossible length. */
export function decodeHash64(text: string): Buffer | null {
  if (text.length % 4 === 1) return null;
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index += 4) {
    const group = text.slice(index, index + 4);
    let value = decodeHash64Number(group);
    if (value === null) return null;
    for (let count = 1; count < group.length; count += 1) {
      bytes.push(value & 0xff);
      value >>= 8;
    }
  }
  return Buffer.from(bytes);
}

/** A number of up to five characters, the lowest bits first. */
export function decodeHash64Number(text: string): number | null {
  let value = 0;
  for (let index = text.length - 1; index >= 0; index -= 1) {
    const digit = ALPHABET.indexOf(text.charAt(index));
    if (digit < 0) return null;
    value = value * 64 + digit;
  }
  return value;
}
