/**
 * A text as UTF-8 in memory of its own. `Buffer.from` cuts short texts from shared pieces of 8 KB: whoever keeps one of
 * them for long keeps the whole piece.
 */
export function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
