/** Reading BER, as far as LDAP uses it: definite lengths, tags of one byte. Source: RFC 4511, section 5.1. */

export class BerError extends Error {}

/** A group of 100,000 members has about 10 MB; nothing honest is larger than this. */
const LARGEST_MESSAGE = 128 * 1024 * 1024;

export class BerReader {
  constructor(
    private readonly buffer: Buffer,
    private position = 0,
    private readonly end = buffer.length,
  ) {}

  get hasMore(): boolean {
    return this.position < this.end;
  }

  /** Tag of the next element; -1 at the end. */
  get tag(): number {
    return this.hasMore ? (this.buffer[this.position] ?? -1) : -1;
  }

  /** The content of the next element. @throws BerError when its tag is another one */
  octets(tag: number): Buffer {
    const { start, end } = this.next(tag);
    this.position = end;
    return this.buffer.subarray(start, end);
  }

  text(tag: number): string {
    return this.octets(tag).toString();
  }

  integer(tag: number): number {
    const bytes = this.octets(tag);
    if (bytes.length < 1 || bytes.length > 4) throw new BerError(`an integer of ${bytes.length} bytes`);
    return bytes.readIntBE(0, bytes.length);
  }

  /** A reader of what the next element holds. */
  inside(tag: number): BerReader {
    const { start, end } = this.next(tag);
    this.position = end;
    return new BerReader(this.buffer, start, end);
  }

  skip(): void {
    this.position = this.next(this.tag).end;
  }

  private next(tag: number): { start: number; end: number } {
    if (this.tag !== tag || tag < 0) {
      throw new BerError(`expected tag ${hex(tag)}, found ${this.hasMore ? hex(this.tag) : 'the end'}`);
    }
    const length = readLength(this.buffer, this.position + 1, this.end);
    if (length === null || length.start + length.value > this.end) {
      throw new BerError('an element is longer than what holds it');
    }
    return { start: length.start, end: length.start + length.value };
  }
}

function hex(tag: number): string {
  return `0x${tag.toString(16).padStart(2, '0')}`;
}

/** Null when it is not there yet. @throws BerError for lengths that LDAP does not allow */
function readLength(buffer: Buffer, position: number, end: number): { value: number; start: number } | null {
  if (position >= end) return null;
  const first = buffer[position] ?? 0;
  if (first < 0x80) return { value: first, start: position + 1 };
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new BerError(`a length of form ${hex(first)}`);
  if (position + 1 + size > end) return null;
  return { value: buffer.readUIntBE(position + 1, size), start: position + 1 + size };
}

/** Cuts a stream of bytes into messages. */
export class Framer {
  private chunks: Buffer[] = [];
  private size = 0;
  /** Bytes that are needed before it is worth looking again. */
  private wanted = 2;

  /** Whether a part of a message has come. */
  get isInside(): boolean {
    return this.size > 0;
  }

  /** @returns the messages that are complete now. @throws BerError when the stream is no LDAP */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < this.wanted) return [];
    let rest = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.size);
    const messages: Buffer[] = [];
    this.wanted = 2;
    while (rest.length >= 2) {
      if (rest[0] !== 0x30) throw new BerError(`a message that begins with ${hex(rest[0] ?? 0)}`);
      const length = readLength(rest, 1, rest.length);
      if (length === null) {
        this.wanted = rest.length + 1;
        break;
      }
      const end = length.start + length.value;
      if (end > LARGEST_MESSAGE) throw new BerError(`a message of ${end} bytes`);
      if (end > rest.length) {
        this.wanted = end;
        break;
      }
      messages.push(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    this.chunks = rest.length === 0 ? [] : [rest];
    this.size = rest.length;
    return messages;
  }
}
