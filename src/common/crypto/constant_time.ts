import { timingSafeEqual } from 'node:crypto';

/**
 * Compare two texts without revealing by the time taken how far they agree. Only their lengths show.
 *
 * @param given what the client sent
 * @param known what it must equal
 */
export function equalText(given: string, known: string): boolean {
  return equalBytes(Buffer.from(given, 'utf8'), Buffer.from(known, 'utf8'));
}

/** Compare bytes in constant time; unequal lengths are unequal, after as much work. */
export function equalBytes(given: Uint8Array, known: Uint8Array): boolean {
  if (given.length !== known.length) {
    timingSafeEqual(known, known);
    return false;
  }
  return timingSafeEqual(given, known);
}
