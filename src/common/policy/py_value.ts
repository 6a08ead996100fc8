/**
 * Values as Python writes them. Policy rules compare texts, and the text of `true`, null or a list is the one that
 * Python's `str()` gives: `True`, `None`, `['a']`. Rule files in the field are written for that.
 */
import { CheckError } from './errors.js';

/** A Python float whose value may be whole: JavaScript cannot tell 5.0 from 5, their texts differ. */
export class PyFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A Python tuple: written with parentheses. */
export class PyTuple {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/**
 * `str(value)`.
 * @throws CheckError for values that have no Python counterpart (functions, dates, class instances)
 */
export function pyStr(value: unknown): string {
  return typeof value === 'string' ? value : pyRepr(value);
}

/** `repr(value)`. Whole numbers count as integers; wrap in PyFloat what is a float. */
export function pyRepr(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return reprText(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return value.toString();
    case 'number':
      return Number.isInteger(value) ? BigInt(value).toString() : reprFloat(value);
    case 'object':
      return reprObject(value);
    default:
      throw new CheckError(`a ${typeof value} is not a value that a policy can compare`);
  }
}

function reprObject(value: object | null): string {
  if (value === null) return 'None';
  if (Array.isArray(value)) return `[${value.map(pyRepr).join(', ')}]`;
  if (value instanceof PyFloat) return reprFloat(value.value);
  if (value instanceof PyTuple) {
    return value.items.length === 1
      ? `(${pyRepr(value.items[0])},)`
      : `(${value.items.map(pyRepr).join(', ')})`;
  }
  if (isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${entries.map(([key, item]) => `${reprText(key)}: ${pyRepr(item)}`).join(', ')}}`;
  }
  throw new CheckError(`a ${value.constructor.name} is not a value that a policy can compare`);
}

/** Whether a value is what JSON calls an object: Python's dict. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Python's idea of an empty value, undefined included. */
export function isFalsy(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (value === '' || value === 0 || (value instanceof PyFloat && value.value === 0)) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isPlainObject(value) && Object.keys(value).length === 0;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);
const UNPRINTABLE = /[\p{C}\p{Z}]/u;

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const char of text) {
    if (char === quote) out += `\\${char}`;
    else if (ESCAPES.has(char)) out += ESCAPES.get(char) as string;
    else if (char !== ' ' && UNPRINTABLE.test(char)) out += escapeCodePoint(char.codePointAt(0) as number);
    else out += char;
  }
  return out + quote;
}

function escapeCodePoint(code: number): string {
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** The characters of a text as Python counts them. */
export function codePoints(text: string): string[] {
  return Array.from(text);
}

/** `ascii(value)`: like `repr`, with everything beyond ASCII escaped. */
export function pyAscii(value: unknown): string {
  let out = '';
  for (const char of pyRepr(value)) {
    const code = char.codePointAt(0) as number;
    out += code < 0x80 ? char : escapeCodePoint(code);
  }
  return out;
}

/** Shortest text that reads back as the same float; exponents below -4 and from 16 on, as Python has them. */
export function reprFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const sign = mantissa.startsWith('-') || Object.is(value, -0) ? '-' : '';
  const digits = mantissa.replace(/[-.]/gu, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
