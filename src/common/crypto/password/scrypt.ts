/** scrypt (RFC 7914) as `$scrypt$ln=16,r=8,p=1$salt$checksum`, and the older `$7$` spelling, which is only read. */
import { randomBytes, scryptSync } from 'node:crypto';
import { equalBytes } from '../constant_time.js';
import { decodeHash64, decodeHash64Number } from './hash64.js';
import type { Scheme } from './scheme.js';

const PATTERN =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,9}),p=(\d{1,9})\$([A-Za-z0-9+/]*)={0,2}\$([A-Za-z0-9+/]{43})=?$/;
const PATTERN_7 = /^\$7\$([./0-9A-Za-z])([./0-9A-Za-z]{5})([./0-9A-Za-z]{5})([^$]*)\$([./0-9A-Za-z]{43})$/;
const CHECKSUM_BYTES = 32;
/** A hash that asks for more is refused rather than letting a row of the database take all memory. */
const MAX_MEMORY = 2 ** 30;

interface Parameters {
  readonly rounds: number;
  readonly blockSize: number;
  readonly parallelism: number;
  readonly salt: Buffer;
}

export const scrypt: Scheme = {
  hash(password, { rounds, blockSize, parallelism, saltBytes }) {
    const salt = randomBytes(saltBytes);
    const checksum = compute(password, { rounds, blockSize, parallelism, salt });
    return `$scrypt$ln=${rounds},r=${blockSize},p=${parallelism}$${unpadded(salt)}$${unpadded(checksum)}`;
  },
  verify(password, hash) {
    const parsed = parse(hash) ?? parse7(hash);
    if (parsed === null || parsed.checksum.length !== CHECKSUM_BYTES || memory(parsed) > MAX_MEMORY)
      return null;
    if (parsed.rounds < 1 || parsed.blockSize < 1 || parsed.parallelism < 1) return null;
    return equalBytes(compute(password, parsed), parsed.checksum);
  },
};

/** Bytes of memory that the parameters ask for. */
export function memory({ rounds, blockSize, parallelism }: Omit<Parameters, 'salt'>): number {
  return 128 * blockSize * (2 ** rounds + parallelism + 2);
}

function compute(password: Uint8Array, parameters: Parameters): Buffer {
  return scryptSync(password, parameters.salt, CHECKSUM_BYTES, {
    cost: 2 ** parameters.rounds,
    blockSize: parameters.blockSize,
    parallelization: parameters.parallelism,
    maxmem: memory(parameters) + 1024,
  });
}

function parse(hash: string): (Parameters & { checksum: Buffer }) | null {
  const match = PATTERN.exec(hash);
  if (match === null) return null;
  const [, rounds, blockSize, parallelism, salt = '', checksum = ''] = match;
  if (salt.length % 4 === 1) return null;
  return {
    rounds: Number(rounds),
    blockSize: Number(blockSize),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    checksum: Buffer.from(checksum, 'base64'),
  };
}

function parse7(hash: string): (Parameters & { checksum: Buffer }) | null {
  const match = PATTERN_7.exec(hash);
  if (match === null) return null;
  const [, rounds = '', blockSize = '', parallelism = '', salt = '', checksum = ''] = match;
  return {
    rounds: decodeHash64Number(rounds) ?? 0,
    blockSize: decodeHash64Number(blockSize) ?? 0,
    parallelism: decodeHash64Number(parallelism) ?? 0,
    salt: Buffer.from(salt, 'utf8'),
    checksum: decodeHash64(checksum) ?? Buffer.alloc(0),
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
