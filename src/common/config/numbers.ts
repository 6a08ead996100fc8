/** Numbers as Python's `int()` and `float()` read them from text, apart from infinities and NaN. */
import { ValueProblem } from './errors.js';
import { strip } from './text.js';

const INTEGER = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;

/** A whole decimal number; blanks around it, a sign, leading zeros and single underscores between digits are fine. */
export function readInteger(text: string): number {
  const digits = strip(text);
  if (!INTEGER.test(digits)) {
    throw new ValueProblem('a whole number is needed');
  }
  // Whole numbers have no negative zero.
  return Number(digits.replaceAll('_', '')) + 0;
}

/** A decimal number, perhaps with an exponent. Infinities and NaN are refused: no option has a use for them. */
export function readFloat(text: string): number {
  const digits = strip(text);
  const value = FLOAT.test(digits) ? Number(digits.replaceAll('_', '')) : Number.NaN;
  if (!Number.isFinite(value)) {
    throw new ValueProblem('a number is needed');
  }
  return value;
}
