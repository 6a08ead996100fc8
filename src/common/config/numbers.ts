/** Numbers as Python's `int()` and `float()` read them from text, apart from infinities and NaN. */
import { ValueProblem } from './errors.js';
import { strip } from './text.js';

const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;
const DIGIT = /^\p{Nd}$/u;

/** Digits of other scripts as 0 to 9. Unicode has each script's ten digits in a row. */
function plainDigits(text: string): string {
  return text.replace(OTHER_DIGIT, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let first = code;
    while (DIGIT.test(String.fromCodePoint(first - 1))) {
      first -= 1;
    }
    return String((code - first) % 10);
  });
}

const INTEGER = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;

/**
 * A whole decimal number; blanks around it, a sign, leading zeros and single underscores between digits are fine, and
 * so are the decimal digits of any script.
 */
export function readInteger(text: string): number {
  const digits = plainDigits(strip(text));
  if (!INTEGER.test(digits)) {
    throw new ValueProblem('a whole number is needed');
  }
  // Whole numbers have no negative zero.
  return Number(digits.replaceAll('_', '')) + 0;
}

/** A decimal number, perhaps with an exponent. Infinities and NaN are refused: no option has a use for them. */
export function readFloat(text: string): number {
  const digits = plainDigits(strip(text));
  const value = FLOAT.test(digits) ? Number(digits.replaceAll('_', '')) : Number.NaN;
  if (!Number.isFinite(value)) {
    throw new ValueProblem('a number is needed');
  }
  return value;
}
