import type { ErrorKind } from './errors.js';

/** A value refers to something that is not there, or in a way that means nothing. */
export class InterpolationError extends Error {
  readonly kind: ErrorKind;
  /** The name that is missing, if that is what is wrong. */
  readonly missing: string | undefined;

  constructor(kind: ErrorKind, message: string, missing?: string) {
    super(message);
    this.kind = kind;
    this.missing = missing;
  }
}

/** A reference may lead to a value with references, this many deep; the limit is configparser's. */
const maxDepth = 10;

/**
 * Replace `%(name)s` by the value of that name and `%%` by a percent sign.
 *
 * @param text the value as written
 * @param lookup the raw text of a name: of the same section or, failing that, of `[DEFAULT]`
 * @param used is given every name that was replaced
 * @throws InterpolationError for an unknown name, a lone percent sign, or a circle
 */
export function interpolate(
  text: string,
  lookup: (name: string) => string | undefined,
  used?: (name: string) => void,
): string {
  return text.includes('%') ? replaced(text, lookup, used, 1) : text;
}

function replaced(
  text: string,
  lookup: (name: string) => string | undefined,
  used: ((name: string) => void) | undefined,
  depth: number,
): string {
  if (depth > maxDepth) {
    throw new InterpolationError(
      'interpolation-depth',
      `its references go in a circle, or deeper than ${maxDepth} steps`,
    );
  }
  let result = '';
  let rest = text;
  for (;;) {
    const at = rest.indexOf('%');
    if (at < 0) return result + rest;
    result += rest.slice(0, at);
    rest = rest.slice(at);

    if (rest.startsWith('%%')) {
      result += '%';
      rest = rest.slice(2);
      continue;
    }
    const close = rest.indexOf(')');
    if (!rest.startsWith('%(') || close < 3 || rest[close + 1] !== 's') {
      throw new InterpolationError(
        'interpolation-syntax',
        "a '%' must be written '%%', unless it begins %(name)s",
      );
    }
    const name = rest.slice(2, close);
    rest = rest.slice(close + 2);
    const value = lookup(name);
    if (value === undefined) {
      throw new InterpolationError(
        'interpolation-missing',
        `%(${name})s refers to '${name}', which is not set`,
        name,
      );
    }
    used?.(name);
    result += value.includes('%') ? replaced(value, lookup, used, depth + 1) : value;
  }
}
