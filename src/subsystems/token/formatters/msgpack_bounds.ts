/**
 * A look at MessagePack before it is decoded: a few bytes can announce billions of elements, or nest without end, and
 * decoders make room for what is announced.
 */

/** Payloads of tokens have arrays in arrays in an array. */
const DEEPEST = 8;

/** What follows a type byte: bytes of length, bytes beside the content, and what the length counts. */
interface Shape {
  readonly lengthBytes: 0 | 1 | 2 | 4;
  readonly fixed: number;
  readonly counts: 'bytes' | 'elements' | 'pairs' | 'nothing';
}

const shape = (lengthBytes: Shape['lengthBytes'], counts: Shape['counts'], fixed = 0): Shape => ({
  lengthBytes,
  fixed,
  counts,
});

/** From 0xc0 to 0xdf; 0xc1 is never used. */
const SHAPES: readonly (Shape | null)[] = [
  shape(0, 'nothing'),
  null,
  shape(0, 'nothing'),
  shape(0, 'nothing'),
  ...([1, 2, 4] as const).map((length) => shape(length, 'bytes')),
  ...([1, 2, 4] as const).map((length) => shape(length, 'bytes', 1)),
  ...[4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17].map((fixed) => shape(0, 'nothing', fixed)),
  ...([1, 2, 4] as const).map((length) => shape(length, 'bytes')),
  ...([2, 4] as const).map((length) => shape(length, 'elements')),
  ...([2, 4] as const).map((length) => shape(length, 'pairs')),
];

/** Whether the bytes hold one value, with everything in it that they announce, and nothing nested too deep. */
export function isBounded(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Elements still to come, of the value itself and of what each level holds. */
  const open: number[] = [1];
  let at = 0;
  for (;;) {
    while (open.at(-1) === 0) open.pop();
    const last = open.length - 1;
    if (last < 0) return at === bytes.length;
    open[last] = (open[last] ?? 0) - 1;
    const type = bytes[at];
    if (type === undefined) return false;
    at += 1;
    let elements = 0;
    if (type >= 0x80 && type <= 0x8f) elements = 2 * (type & 0x0f);
    else if (type >= 0x90 && type <= 0x9f) elements = type & 0x0f;
    else if (type >= 0xa0 && type <= 0xbf) at += type & 0x1f;
    else if (type >= 0xc0 && type <= 0xdf) {
      const found = SHAPES[type - 0xc0];
      if (found === null || found === undefined || at + found.lengthBytes > bytes.length) return false;
      const length = lengthAt(view, at, found.lengthBytes);
      at += found.lengthBytes + found.fixed;
      if (found.counts === 'bytes') at += length;
      else if (found.counts !== 'nothing') elements = found.counts === 'pairs' ? 2 * length : length;
    }
    // Each element takes a byte at least.
    if (at > bytes.length || elements > bytes.length - at) return false;
    if (elements > 0 && open.push(elements) > DEEPEST) return false;
  }
}

function lengthAt(view: DataView, at: number, size: Shape['lengthBytes']): number {
  if (size === 0) return 0;
  if (size === 1) return view.getUint8(at);
  return size === 2 ? view.getUint16(at) : view.getUint32(at);
}
