/** The query string of a request, and the list hints made from it. */
import { ValidationError } from '../errors.js';
import { type Comparator, Hints } from '../hints.js';

/** Query parameters by name; of a repeated name the last value counts, as in WebOb. */
export class QueryParams {
  private constructor(private readonly values: ReadonlyMap<string, string>) {}

  /**
   * @param text query string without `?`
   * @throws ValidationError when it is not UTF-8 or holds a NUL
   */
  static parse(text: string): QueryParams {
    if (text === '') return EMPTY;
    const values = new Map<string, string>();
    for (const pair of text.split('&')) {
      if (pair === '') continue;
      const equals = pair.indexOf('=');
      const name = decode(equals === -1 ? pair : pair.slice(0, equals));
      values.set(name, equals === -1 ? '' : decode(pair.slice(equals + 1)));
    }
    return new QueryParams(values);
  }

  static empty(): QueryParams {
    return new QueryParams(new Map());
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  get(name: string): string | undefined {
    return this.values.get(name);
  }

  entries(): IterableIterator<[string, string]> {
    return this.values.entries();
  }

  /** Flag-style parameter: true when present, unless its value is exactly `0`. */
  flag(name: string): boolean {
    const value = this.values.get(name);
    return value !== undefined && value !== '0';
  }
}

const EMPTY = QueryParams.empty();

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  // A lone percent sign is literal, as in urllib; anything else that does not decode is not UTF-8.
  const escaped = spaced.replace(/%(?![0-9a-fA-F]{2})/g, '%25');
  let decoded: string;
  try {
    decoded = decodeURIComponent(escaped);
  } catch {
    throw new ValidationError('Query string is not UTF-8 encoded');
  }
  if (decoded.includes('\0')) throw new ValidationError('Query string must not contain NUL characters');
  return decoded;
}

const COMPARATORS = new Map<string, { comparator: Comparator; caseSensitive: boolean }>(
  Object.entries({
    contains: { comparator: 'contains', caseSensitive: true },
    icontains: { comparator: 'contains', caseSensitive: false },
    startswith: { comparator: 'startswith', caseSensitive: true },
    istartswith: { comparator: 'startswith', caseSensitive: false },
    endswith: { comparator: 'endswith', caseSensitive: true },
    iendswith: { comparator: 'endswith', caseSensitive: false },
  }),
);

/**
 * List hints from the declared filters of a route: `name=x` and `name__contains=x` and its kin. Undeclared names and
 * unknown comparators are ignored, as the API does.
 */
export function buildHints(query: QueryParams, filters: readonly string[]): Hints {
  const hints = new Hints();
  for (const [key, value] of query.entries()) {
    if (filters.includes(key)) {
      hints.addFilter(key, value);
      continue;
    }
    const separator = key.indexOf('__');
    if (separator === -1 || !filters.includes(key.slice(0, separator))) continue;
    const inexact = COMPARATORS.get(key.slice(separator + 2));
    if (inexact !== undefined) hints.addFilter(key.slice(0, separator), value, inexact);
  }
  return hints;
}

/** Boolean value of a filter: `0`, `false`, `no`, `off`, `f`, `n` in any case are false, all else is true. */
export function asBoolean(value: string): boolean {
  return !/^(?:0|false|no|off|f|n)$/i.test(value.trim());
}
