/**
 * The few notions of text in which oslo.config's files differ from JavaScript's own: what counts as a blank, and how
 * a value reads when it is put into another one.
 */
import type { ConfigValue } from './declaration.js';

/** Characters that Python takes for blanks: unlike `\s` with the ASCII separators and NEL, without the BOM. */
const BLANKS =
  '\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${BLANKS}]+`);

export function stripStart(text: string): string {
  return text.replace(LEADING, '');
}

const BLANK = new RegExp(`[${BLANKS}]`);

export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && BLANK.test(text.charAt(end - 1))) {
    end -= 1;
  }
  return text.slice(0, end);
}

export function strip(text: string): string {
  return stripEnd(stripStart(text));
}

/** Quoted as in a Python list: single quotes unless the text holds some and no double ones. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote;
}

/** A float always shows that it is one (`2.0`), and turns to exponents from 1e16 up and below 1e-4. */
function floatText(value: number): string {
  if (value === 0) {
    return Object.is(value, -0) ? '-0.0' : '0.0';
  }
  const size = Math.abs(value);
  if (size >= 1e16 || size < 1e-4) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    const power = Number(exponent);
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

function itemText(value: ConfigValue, isFloat: boolean): string {
  return typeof value === 'string' ? quoted(value) : valueText(value, isFloat);
}

/**
 * How a value reads where `$name` stands for it: an unset option as nothing, True and False, lists and dicts in
 * their Python form.
 *
 * @param isFloat whether the numbers in it come from an option of floating point numbers
 */
export function valueText(value: ConfigValue, isFloat: boolean): string {
  if (value === null) {
    return '';
  }
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
      return isFloat || !Number.isInteger(value) ? floatText(value) : BigInt(value).toString();
    default:
      break;
  }
  if (Array.isArray(value)) {
    return `[${value.map((item: ConfigValue) => (item === null ? 'None' : itemText(item, isFloat))).join(', ')}]`;
  }
  const entries = Object.entries(value as { readonly [key: string]: ConfigValue });
  return `{${entries.map(([key, item]) => `${quoted(key)}: ${itemText(item, isFloat)}`).join(', ')}}`;
}
