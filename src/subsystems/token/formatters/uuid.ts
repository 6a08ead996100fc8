/**
 * The 16 bytes of a UUID in any of its spellings, or null when the text is no UUID. Braces, hyphens, `urn:uuid:` and
 * upper case are understood as in Python's `uuid.UUID`, which decided for all tokens so far how an id is packed.
 */
export function uuidBytes(text: string): Buffer | null {
  const digits = text
    .replaceAll('urn:', '')
    .replaceAll('uuid:', '')
    .replace(/^[{}]+|[{}]+$/g, '')
    .replaceAll('-', '');
  return /^[0-9a-fA-F]{32}$/.test(digits) ? Buffer.from(digits, 'hex') : null;
}
