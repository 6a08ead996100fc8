/**
 * A text as UTF-8 in memory of its own. `Buffer.from` cuts short texts from shared pieces of 8 KB: whoever keeps one of
 * them for long keeps the whole piece.
 */
function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** Characters that Node sends in one piece with the headers, without memory of their own. */
const SHORT = 4096;

/** A text that is answered again and again: as it is when it is short, otherwise as bytes that go out uncopied. */
export function lastingAnswer(text: string): string | Buffer {
  return text.length <= SHORT ? text : ownBytes(text);
}
