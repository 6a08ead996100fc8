/**
 * Small text rules that must be exactly those of the language PasteDeploy is written in, because files out there
 * depend on them: what counts as a blank, how paths are cut, how strings are ordered.
 */

/** Is the UTF-16 unit a blank in the sense of Python's `str.isspace`? Unlike in JavaScript, U+FEFF is none. */
function isBlank(unit: number): boolean {
  return (
    unit === 0x20 ||
    (unit >= 0x09 && unit <= 0x0d) ||
    (unit >= 0x1c && unit <= 0x1f) ||
    unit === 0x85 ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/** How many blanks the text begins with. */
export function indentOf(text: string): number {
  let at = 0;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

/** The text without blanks at its end. */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** The text without blanks at either end. */
export function strip(text: string): string {
  return stripEnd(text.slice(indentOf(text)));
}

/** The words of a text: what stands between runs of blanks. */
export function words(text: string): string[] {
  const found: string[] = [];
  let start = -1;
  for (let at = 0; at <= text.length; at += 1) {
    const blank = at === text.length || isBlank(text.charCodeAt(at));
    if (blank && start >= 0) {
      found.push(text.slice(start, at));
      start = -1;
    } else if (!blank && start < 0) {
      start = at;
    }
  }
  return found;
}

/** The text with the decimal digits of other scripts as 0 to 9. Unicode has each script's ten digits in a row. */
export function plainDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let first = code;
    while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first -= 1;
    return String((code - first) % 10);
  });
}

/** Order two strings by code point. JavaScript's `<` orders by UTF-16 unit, which differs beyond U+FFFF. */
export function compareCodePoints(left: string, right: string): number {
  const a = Array.from(left);
  const b = Array.from(right);
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    const difference = (a[at]?.codePointAt(0) ?? 0) - (b[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The folder part of a path; '' for a bare file name, without doubled slashes at its end. */
export function folderOf(path: string): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const trimmed = folder.replace(/\/+$/, '');
  return trimmed === '' ? folder : trimmed;
}

/** Decode `%XX`; what is not a valid escape stays, bytes that are no UTF-8 become U+FFFD. */
export function unquote(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
