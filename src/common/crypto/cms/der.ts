/**
 * DER, as far as signed tokens and certificates need it. Reading goes forward only, never further than the input, and
 * refuses what is not DER: other forms of a length, lengths beyond the enclosing element. Source: ITU-T X.690.
 */

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context1: 0xa1,
  context2: 0xa2,
  context3: 0xa3,
} as const;

export class DerError extends Error {
  override readonly name = 'DerError';
}

/** One element: its content, and all of it with tag and length. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** Lengths of more bytes than this do not fit into anything that is read here. */
const MAX_LENGTH_BYTES = 3;

/** Reads the elements of one level, one after the other. */
export class DerReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** Tag of the next element; undefined at the end. */
  peek(): number | undefined {
    return this.bytes[this.at];
  }

  /** @throws DerError when there is no further element, or when it has another tag */
  next(tag?: number): Element {
    const start = this.at;
    const found = this.byte();
    if (tag !== undefined && found !== tag) throw new DerError(`unexpected element at ${start}`);
    const length = this.length();
    const end = this.at + length;
    if (end > this.bytes.length) throw new DerError(`element at ${start} is cut off`);
    const element = {
      tag: found,
      content: this.bytes.subarray(this.at, end),
      whole: this.bytes.subarray(start, end),
    };
    this.at = end;
    return element;
  }

  /** The elements within the next element. @throws DerError as `next` */
  enter(tag: number): DerReader {
    return new DerReader(this.next(tag).content);
  }

  /** @throws DerError when something follows */
  finish(): void {
    if (!this.atEnd) throw new DerError(`unexpected element at ${this.at}`);
  }

  private byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new DerError('cut off');
    this.at += 1;
    return byte;
  }

  private length(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES) throw new DerError('this form of a length is not DER');
    let length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + this.byte();
    if (length < 0x80 || length < 256 ** (count - 1))
      throw new DerError('a length is longer than it need be');
    return length;
  }
}

/** An element of the given content. */
export function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const digits: number[] = [];
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length, ...digits]), body]);
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let high = arc >>> 7; high > 0; high >>>= 7) digits.unshift((high & 0x7f) | 0x80);
    return digits;
  });
  return der(TAG.oid, Buffer.from(bytes));
}
