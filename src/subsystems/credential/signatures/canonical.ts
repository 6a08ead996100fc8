/** Canonical forms that AWS signatures are computed over, as the clients' signer (python-keystoneclient) makes them. */
import { pyStr } from '../../../common/policy/py_value.js';
import { isRecord } from '../../../common/record.js';
import { SignatureFormatError } from './errors.js';

export type Values = Readonly<Record<string, unknown>>;

/** A JSON object, or an error that names what should have been one. */
export function objectOf(value: unknown, what: string): Values {
  if (!isRecord(value)) throw new SignatureFormatError(`${what} must be an object`);
  return value;
}

export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new SignatureFormatError(`${what} must be a text`);
  return value;
}

/** The text of a scalar parameter. Clients sign in Python, where true is `True`, null is `None` and 1e-7 is `1e-07`. */
export function parameterText(value: unknown): string {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return pyStr(value);
  throw new SignatureFormatError('a parameter must be a text, a number or a boolean');
}

/** Query string sorted by key, keys and values percent-encoded in UTF-8. */
export function canonicalQuery(params: Values): string {
  return Object.keys(params)
    .sort(byCodePoint)
    .map((key) => `${percentEncode(key)}=${percentEncode(parameterText(params[key]))}`)
    .join('&');
}

/** Percent-encode all but the unreserved characters of RFC 3986. */
function percentEncode(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new SignatureFormatError('a text is not valid Unicode');
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Compare by code points; the built-in order of strings is that of UTF-16 units. */
export function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'));
}
