/**
 * Python's `%` formatting of one value, as rule files use it: `%(name)s`, rarely `%(name)d` or with a width. Flags,
 * width and precision as in Python; the sources of the rules are the documentation of `printf`-style formatting and
 * what Python 3 answers.
 */
import { CheckError } from './errors.js';
import { codePoints, PyFloat, pyAscii, pyRepr, pyStr } from './py_value.js';

/** What stands between `%` and the conversion letter. */
export interface FormatSpec {
  readonly flags: string;
  readonly width: number;
  /** Digits after the point, or the greatest length of a text; undefined when not given. */
  readonly precision: number | undefined;
  readonly conversion: string;
}

/** @throws CheckError when the value is of the wrong type for the conversion, or the conversion is unknown */
export function formatValue(spec: FormatSpec, value: unknown): string {
  switch (spec.conversion) {
    case 's':
      return padText(spec, truncate(spec, pyStr(value)));
    case 'r':
      return padText(spec, truncate(spec, pyRepr(value)));
    case 'a':
      return padText(spec, truncate(spec, pyAscii(value)));
    case 'c':
      return padText(spec, character(value));
    case 'd':
    case 'i':
    case 'u':
      return padInteger(spec, wholePart(spec, value), '', 10);
    case 'o':
      return padInteger(spec, integer(spec, value), '0o', 8);
    case 'x':
      return padInteger(spec, integer(spec, value), '0x', 16);
    case 'X':
      return padInteger(spec, integer(spec, value), '0x', 16).toUpperCase();
    case 'e':
    case 'f':
    case 'g':
      return padFloat(spec, real(spec, value));
    case 'E':
    case 'F':
    case 'G':
      return padFloat(
        { ...spec, conversion: spec.conversion.toLowerCase() },
        real(spec, value),
      ).toUpperCase();
    default:
      throw new CheckError(`'%${spec.conversion}' is not a conversion`);
  }
}

function truncate(spec: FormatSpec, text: string): string {
  return spec.precision === undefined ? text : codePoints(text).slice(0, spec.precision).join('');
}

function padText(spec: FormatSpec, text: string): string {
  const missing = spec.width - codePoints(text).length;
  if (missing <= 0) return text;
  return spec.flags.includes('-') ? text + ' '.repeat(missing) : ' '.repeat(missing) + text;
}

function character(value: unknown): string {
  if (typeof value === 'string' && codePoints(value).length === 1) return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    const code = Number(value);
    if (Number.isInteger(code) && code >= 0 && code <= 0x10_ff_ff) return String.fromCodePoint(code);
  }
  throw new CheckError('%c needs one character or its number');
}

function integer(spec: FormatSpec, value: unknown): bigint {
  if (typeof value === 'bigint' || typeof value === 'boolean') return BigInt(value);
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  throw new CheckError(`%${spec.conversion} needs a whole number`);
}

function wholePart(spec: FormatSpec, value: unknown): bigint {
  const number = value instanceof PyFloat ? value.value : value;
  if (typeof number === 'number' && Number.isFinite(number)) return BigInt(Math.trunc(number));
  return integer(spec, number);
}

function real(spec: FormatSpec, value: unknown): number {
  if (value instanceof PyFloat) return value.value;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  throw new CheckError(`%${spec.conversion} needs a number`);
}

function padInteger(spec: FormatSpec, value: bigint, prefix: string, radix: number): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString(radix).padStart(spec.precision ?? 0, '0');
  return padNumber(spec, negative, spec.flags.includes('#') ? prefix : '', digits);
}

function padNumber(spec: FormatSpec, negative: boolean, prefix: string, digits: string): string {
  const { flags, width } = spec;
  const sign = negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const head = sign + prefix;
  if (flags.includes('-')) return (head + digits).padEnd(width);
  if (flags.includes('0')) return head + digits.padStart(width - head.length, '0');
  return (head + digits).padStart(width);
}

function padFloat(spec: FormatSpec, value: number): string {
  const negative = value < 0 || Object.is(value, -0);
  const size = Math.abs(value);
  if (!Number.isFinite(size)) return padNumber(spec, negative, '', Number.isNaN(size) ? 'nan' : 'inf');
  return padNumber(spec, negative, '', floatDigits(spec, size));
}

function floatDigits(spec: FormatSpec, size: number): string {
  const precision = spec.precision ?? 6;
  const alternate = spec.flags.includes('#');
  if (spec.conversion === 'f') return withPoint(roundScaled(size, precision), precision, alternate);
  if (spec.conversion === 'e') return exponential(size, precision, alternate);
  const significant = Math.max(precision, 1);
  const exponent = decimalExponent(size, significant - 1);
  if (exponent < -4 || exponent >= significant) {
    const text = exponential(size, significant - 1, alternate);
    return alternate ? text : text.replace(/\.?0*e/u, 'e');
  }
  const places = significant - 1 - exponent;
  const text = withPoint(roundScaled(size, places), places, alternate);
  return alternate || !text.includes('.') ? text : text.replace(/\.?0+$/u, '');
}

function exponential(size: number, places: number, alternate: boolean): string {
  const exponent = decimalExponent(size, places);
  const digits = withPoint(roundScaled(size, places - exponent), places, alternate);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Exponent of ten of the value once it is rounded to that many places behind its first digit. */
function decimalExponent(size: number, places: number): number {
  if (size === 0) return 0;
  const exponent = Number(size.toExponential().split('e')[1]);
  return roundScaled(size, places - exponent).toString().length > places + 1 ? exponent + 1 : exponent;
}

function withPoint(scaled: bigint, places: number, alternate: boolean): string {
  const digits = scaled.toString().padStart(places + 1, '0');
  if (places === 0) return alternate ? `${digits}.` : digits;
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** `size * 10 ** places` rounded half to even, computed exactly from the bits of the float. */
function roundScaled(size: number, places: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  let numerator = biased === 0 ? fraction : fraction | 0x10_0000_0000_0000n;
  const power = Math.max(biased, 1) - 1075;
  let denominator = 1n;
  if (power >= 0) numerator <<= BigInt(power);
  else denominator <<= BigInt(-power);
  if (places >= 0) numerator *= 10n ** BigInt(places);
  else denominator *= 10n ** BigInt(-places);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}
