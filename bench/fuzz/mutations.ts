/** Hostile inputs: good ones with something changed, and noise. The same seed gives the same inputs. */

export interface Random {
  /** A whole number from 0 up to, and without, the limit. */
  below(limit: number): number;
  bytes(length: number): Buffer;
  pick<T>(from: readonly T[]): T;
}

/** A small generator of Marsaglia's kind (xorshift32): what matters is that it can be repeated. */
export function seeded(seed: number): Random {
  let state = seed >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  const below = (limit: number): number => next() % limit;
  return {
    below,
    bytes(length) {
      const bytes = Buffer.alloc(length);
      for (let index = 0; index < length; index += 1) bytes[index] = next() >>> 24;
      return bytes;
    },
    pick<T>(from: readonly T[]): T {
      const picked = from[below(from.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
  };
}

/** Values at which decoders go wrong: lengths of all sizes, tags, ends of ranges. */
const TELLING = [
  0, 1, 0x04, 0x05, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x8f, 0x9f, 0xa0, 0xc4, 0xdc, 0xdd, 0xdf, 0xff,
];

type Change = (bytes: Buffer, random: Random) => Buffer;

const at = (bytes: Buffer, random: Random): number => random.below(bytes.length + 1);

const CHANGES: readonly Change[] = [
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const place = random.below(Math.max(1, copy.length));
    copy[place] = (copy[place] ?? 0) ^ (1 << random.below(8));
    return copy;
  },
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    copy[random.below(Math.max(1, copy.length))] = random.pick(TELLING);
    return copy;
  },
  (bytes, random) => {
    const place = at(bytes, random);
    return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1 + random.below(8))]);
  },
  (bytes, random) => {
    const place = at(bytes, random);
    return Buffer.concat([
      bytes.subarray(0, place),
      random.bytes(1 + random.below(8)),
      bytes.subarray(place),
    ]);
  },
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => Buffer.concat([bytes, random.bytes(1 + random.below(64))]),
  (bytes, random) => {
    const [from, place] = [at(bytes, random), at(bytes, random)];
    const piece = bytes.subarray(from, from + random.below(64));
    return Buffer.concat([bytes.subarray(0, place), piece, bytes.subarray(place)]);
  },
];

/** One to four changes. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let changed = bytes;
  for (let count = 1 + random.below(4); count > 0; count -= 1)
    changed = random.pick(CHANGES)(changed, random);
  return changed;
}

/** The same for a text, which stays one: each byte is a character. */
export function mutateText(text: string, random: Random): string {
  return mutate(Buffer.from(text, 'latin1'), random).toString('latin1');
}

/** A text of letters that a format uses, which begins as its texts do. */
export function noise(prefix: string, alphabet: string, random: Random): string {
  const length = random.below(random.below(50) === 0 ? 40_000 : 600);
  return prefix + Array.from(random.bytes(length), (byte) => alphabet[byte % alphabet.length]).join('');
}
