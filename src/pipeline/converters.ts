import { plainDigits, strip, words } from './text.js';

/**
 * Values of an ini file are text. These turn them into what they mean, with the rules of `paste.deploy.converters`
 * 3.0.1, so that a filter that is ported keeps its meaning for every file out there.
 */

/** A text that does not mean what was asked of it. */
export class ConversionError extends Error {
  override readonly name: string = 'ConversionError';
}

const truthy = new Set(['true', 'yes', 'on', 'y', 't', '1']);
const falsy = new Set(['false', 'no', 'off', 'n', 'f', '0']);

/**
 * True or false. Text is one of true/yes/on/y/t/1 and false/no/off/n/f/0 in any case; of other values the empty ones
 * (0, empty list, null) are false.
 *
 * @throws ConversionError for any other text
 */
export function asbool(value: unknown): boolean {
  if (typeof value === 'string') {
    const word = strip(value).toLowerCase();
    if (truthy.has(word)) return true;
    if (falsy.has(word)) return false;
    throw new ConversionError('not a boolean: use true or false');
  }
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}

const wholeNumber = /^[+-]?\d+(?:_\d+)*$/;

/**
 * A whole number: decimal digits of any script, with an optional sign and blanks around it. A number loses its fraction.
 *
 * @throws ConversionError for anything else
 */
export function asint(value: unknown): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value);
  if (typeof value === 'string') {
    const text = plainDigits(strip(value));
    // Adding 0 turns the -0 of "-0" into 0: integers have one zero.
    if (wholeNumber.test(text)) return Number(text.replaceAll('_', '')) + 0;
  }
  throw new ConversionError('not a whole number');
}

/**
 * A list. Text is split at blanks, or at the separator if one is given, and each item is trimmed; null is the empty
 * list; a list stays as it is; anything else becomes its only item.
 *
 * @throws ConversionError for an empty separator
 */
export function aslist(value: unknown, separator?: string | null, trim = true): unknown[] {
  if (typeof value === 'string') {
    if (separator === '') throw new ConversionError('the separator is empty');
    const items = separator === undefined || separator === null ? words(value) : value.split(separator);
    return trim ? items.map(strip) : items;
  }
  if (Array.isArray(value)) return value;
  return value === null || value === undefined ? [] : [value];
}
