/**
 * The part of MessagePack that token payloads use, in its two historical spellings ("wires").
 *
 * Newton's library knew one family for bytes and text, "raw": a length up to 31 in the type byte, then 16 and 32 bits
 * of length; there was no 8-bit form. Zed's writes text as str, with the 8-bit form, and bytes as bin. Both readers
 * understand both spellings, so ours does as well.
 */
import { Decoder } from '@msgpack/msgpack';
import { InvalidTokenError } from './errors.js';
import { isBounded } from './msgpack_bounds.js';

export type Wire = 'newton' | 'zed';

/** A number written as a 64-bit float even when it is whole. */
export class Float64 {
  constructor(readonly value: number) {}
}

export type PackValue = boolean | number | null | string | Uint8Array | Float64 | readonly PackValue[];

/** What a payload reads as: text and bytes are both bytes, because Newton's wire does not tell them apart. */
export type UnpackedValue = unknown;

/** Serialise a payload. Numbers are non-negative whole numbers. */
export function pack(value: PackValue, wire: Wire): Buffer {
  const parts: Buffer[] = [];
  write(value, wire, parts);
  return Buffer.concat(parts);
}

const decoder = new Decoder({ rawStrings: true });

/**
 * @returns the elements of the one array that the bytes hold
 * @throws InvalidTokenError when they hold something else, or more
 */
export function unpackArray(bytes: Uint8Array): readonly UnpackedValue[] {
  if (!isBounded(bytes)) throw new InvalidTokenError('the payload is not MessagePack');
  let value: unknown;
  try {
    value = decoder.decode(bytes);
  } catch (error) {
    throw new InvalidTokenError('the payload is not MessagePack', { cause: error });
  }
  if (!Array.isArray(value)) throw new InvalidTokenError('the payload is not an array');
  return value;
}

function write(value: PackValue, wire: Wire, parts: Buffer[]): void {
  if (value === null) parts.push(Buffer.of(0xc0));
  else if (typeof value === 'boolean') parts.push(Buffer.of(value ? 0xc3 : 0xc2));
  else if (typeof value === 'number') parts.push(unsigned(value));
  else if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    parts.push(textHeader(bytes.length, wire), bytes);
  } else if (value instanceof Uint8Array) {
    parts.push(wire === 'zed' ? binHeader(value.length) : textHeader(value.length, wire), Buffer.from(value));
  } else if (value instanceof Float64) {
    const bytes = Buffer.of(0xcb, 0, 0, 0, 0, 0, 0, 0, 0);
    bytes.writeDoubleBE(value.value, 1);
    parts.push(bytes);
  } else {
    parts.push(arrayHeader(value.length));
    for (const element of value) write(element, wire, parts);
  }
}

function unsigned(value: number): Buffer {
  if (value < 0x80) return Buffer.of(value);
  if (value <= 0xff) return Buffer.of(0xcc, value);
  if (value <= 0xffff) return Buffer.of(0xcd, value >> 8, value & 0xff);
  const wide = value > 0xffffffff;
  const bytes = Buffer.alloc(wide ? 9 : 5);
  bytes[0] = wide ? 0xcf : 0xce;
  if (wide) bytes.writeBigUInt64BE(BigInt(value), 1);
  else bytes.writeUInt32BE(value, 1);
  return bytes;
}

function textHeader(length: number, wire: Wire): Buffer {
  if (length < 32) return Buffer.of(0xa0 | length);
  if (length <= 0xff && wire === 'zed') return Buffer.of(0xd9, length);
  return length <= 0xffff ? header16(0xda, length) : header32(0xdb, length);
}

function binHeader(length: number): Buffer {
  if (length <= 0xff) return Buffer.of(0xc4, length);
  return length <= 0xffff ? header16(0xc5, length) : header32(0xc6, length);
}

function arrayHeader(length: number): Buffer {
  if (length < 16) return Buffer.of(0x90 | length);
  return length <= 0xffff ? header16(0xdc, length) : header32(0xdd, length);
}

function header16(type: number, length: number): Buffer {
  return Buffer.of(type, length >> 8, length & 0xff);
}

function header32(type: number, length: number): Buffer {
  const bytes = Buffer.of(type, 0, 0, 0, 0);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}
