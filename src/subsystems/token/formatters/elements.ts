/** The elements that payloads are made of: ids, times and lists, to and from their MessagePack values. */
import { decodeBase64Lenient } from '../../../common/crypto/base64.js';
import { InvalidTokenError } from './errors.js';
import { isotime, parseIsotime } from './isotime.js';
import type { PackValue, UnpackedValue } from './msgpack.js';
import { Float64 } from './msgpack.js';
import { uuidBytes } from './uuid.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const UUID_LENGTH = 16;

/** An id as a pair: `[true, 16 bytes]` for a UUID, `[false, text]` for anything else. */
export function packId(id: string): PackValue {
  const bytes = uuidBytes(id);
  return bytes === null ? [false, id] : [true, bytes];
}

/** @returns null for the pair `[false, nil]` */
export function readOptionalId(value: UnpackedValue): string | null {
  const pair = readArray(value);
  if (pair.length !== 2) throw new InvalidTokenError('an id is not a pair');
  const [storedAsBytes, id] = pair;
  if (isMarked(storedAsBytes)) return readUuid(id);
  return id === null ? null : readText(id);
}

/** Any true value marks a UUID, true as Python has it: no number but zero, nothing that is empty. */
function isMarked(mark: UnpackedValue): boolean {
  if (typeof mark === 'object' && mark !== null) return Object.keys(mark).length > 0;
  return typeof mark === 'number' ? mark !== 0 : Boolean(mark);
}

export function readId(value: UnpackedValue): string {
  const id = readOptionalId(value);
  if (id === null) throw new InvalidTokenError('an id is missing');
  return id;
}

/** An id that must be a UUID, as its bare bytes. */
export function packUuid(id: string): PackValue {
  const bytes = uuidBytes(id);
  if (bytes === null) throw new InvalidTokenError('an id must be a UUID');
  return bytes;
}

export function readUuid(value: UnpackedValue): string {
  const bytes = readBytes(value);
  if (bytes.length !== UUID_LENGTH) throw new InvalidTokenError('a UUID does not have 16 bytes');
  return bytes.toString('hex');
}

/** A domain id without a pair: the bytes of a UUID, or the text of the default domain's id. */
export function packDomain(id: string, defaultDomainId: string): PackValue {
  return uuidBytes(id) === null && id === defaultDomainId ? id : packUuid(id);
}

export function readDomain(value: UnpackedValue, defaultDomainId: string): string {
  const bytes = readBytes(value);
  // Asked first, so that a default domain whose id happens to have 16 characters is not taken for a UUID.
  return bytes.equals(Buffer.from(defaultDomainId, 'utf8')) ? defaultDomainId : readUuid(value);
}

/** Audit ids are base64 without padding; what is in another spelling comes out of the token in the usual one. */
export function packAuditId(id: string): PackValue {
  const isAscii = Buffer.byteLength(id) === id.length;
  const bytes = isAscii && id !== '' ? decodeBase64Lenient(`${id}==`) : null;
  if (bytes === null) throw new InvalidTokenError('an audit id must be base64');
  return bytes;
}

export function readAuditId(value: UnpackedValue): string {
  return readBytes(value).toString('base64url');
}

export function packTime(text: string): PackValue {
  const seconds = parseIsotime(text);
  if (seconds === null) throw new InvalidTokenError('the expiry is not a time');
  return new Float64(seconds);
}

export function readTime(value: UnpackedValue): string {
  const time = numberOf(value);
  const text = time === null ? null : isotime(time);
  if (text === null) throw new InvalidTokenError('the expiry is not a time');
  return text;
}

export function readInteger(value: UnpackedValue): number {
  const number = numberOf(value);
  if (number === null || !Number.isInteger(number)) throw new InvalidTokenError('not an integer');
  return number;
}

/** Python's booleans are numbers. */
function numberOf(value: UnpackedValue): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' ? value : null;
}

export function readText(value: UnpackedValue): string {
  const bytes = readBytes(value);
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    throw new InvalidTokenError('a text is not UTF-8', { cause: error });
  }
}

export function readArray(value: UnpackedValue): readonly UnpackedValue[] {
  if (!Array.isArray(value)) throw new InvalidTokenError('a list is not an array');
  return value;
}

function readBytes(value: UnpackedValue): Buffer {
  if (!(value instanceof Uint8Array)) throw new InvalidTokenError('a field is neither bytes nor text');
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
