/**
 * Driver hints as SQL. What SQL can decide exactly as the API means it, on every dialect alike, is pushed down and
 * marked satisfied; the rest is left to the caller: attributes that are no columns, times, and comparisons without
 * regard to case where the value goes beyond ASCII, because each database has its own idea of letters.
 */
import type { Filter, Hints } from '../hints.js';
import type { ColumnKind } from './table.js';
import type { Dialect, SqlValue } from './types.js';

/** An attribute that can be filtered in SQL: its column, qualified and quoted (`"local_user"."name"`). */
export interface FilterColumn {
  readonly sql: string;
  readonly kind: ColumnKind;
}

export interface SqlFilter {
  /** Conditions joined by AND; empty when there are none. */
  readonly text: string;
  readonly parameters: readonly SqlValue[];
}

const NEVER: SqlFilter = { text: '1 = 0', parameters: [] };
/** SQLite refuses longer patterns. */
const LONGEST_PATTERN = 10_000;
/** What strutils takes for false; all else is true. */
const FALSE_WORDS = new Set(['0', 'false', 'no', 'off', 'f', 'n']);

const isText = (kind: ColumnKind): boolean => kind === 'varchar' || kind === 'text' || kind === 'enum';
const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;

/** Puts the sign for "anything" where the comparator allows anything. */
function around(comparator: Filter['comparator'], text: string, any: string): string {
  const before = comparator === 'contains' || comparator === 'endswith' ? any : '';
  const after = comparator === 'contains' || comparator === 'startswith' ? any : '';
  return `${before}${text}${after}`;
}

/** The value as a pattern of LIKE with `!` as its escape character. */
export function likePattern(comparator: Filter['comparator'], value: string): string {
  return around(comparator, value.replace(/[!%_]/g, '!$&'), '%');
}

function globPattern(comparator: Filter['comparator'], value: string): string {
  return around(comparator, value.replace(/[[*?]/g, '[$&]'), '*');
}

/** A column as text of which LIKE compares each character as it is. */
const LITERAL_TEXT: Readonly<Record<Dialect, (sql: string) => string>> = {
  sqlite: (sql) => sql,
  mysql: (sql) => `CONVERT(${sql} USING utf8mb4) COLLATE utf8mb4_bin`,
  postgres: (sql) => `CAST(${sql} AS TEXT)`,
};

/** The same in lower case. */
const LOWER_TEXT: Readonly<Record<Dialect, (sql: string) => string>> = {
  sqlite: (sql) => `LOWER(${sql})`,
  mysql: (sql) => `LOWER(CONVERT(${sql} USING utf8mb4)) COLLATE utf8mb4_bin`,
  postgres: (sql) => `LOWER(CAST(${sql} AS TEXT))`,
};

/** Comparisons that tell apart `a` and `A`. */
function exactCase(sql: string, { comparator }: Filter, value: string, dialect: Dialect): SqlFilter {
  if (comparator === 'equals') {
    if (dialect !== 'mysql') return { text: `${sql} = ?`, parameters: [value] };
    // The first half uses the index, the second sees case, accents and trailing blanks.
    const bytes = `CAST(CONVERT(${sql} USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)`;
    return { text: `(${sql} = ? AND ${bytes})`, parameters: [value, value] };
  }
  // SQLite's LIKE takes `a` and `A` for the same letter.
  if (dialect === 'sqlite') return { text: `${sql} GLOB ?`, parameters: [globPattern(comparator, value)] };
  const pattern = likePattern(comparator, value);
  const exact = `${LITERAL_TEXT[dialect](sql)} LIKE ? ESCAPE '!'`;
  // The same in two halves: an index holds the column as it is, not converted.
  return dialect === 'mysql' && comparator === 'startswith'
    ? { text: `(${sql} LIKE ? ESCAPE '!' AND ${exact})`, parameters: [pattern, pattern] }
    : { text: exact, parameters: [pattern] };
}

/** Comparisons that do not; the value is ASCII. */
function anyCase(sql: string, { comparator }: Filter, value: string, dialect: Dialect): SqlFilter {
  return {
    text: `${LOWER_TEXT[dialect](sql)} LIKE ? ESCAPE '!'`,
    parameters: [likePattern(comparator, value.toLowerCase())],
  };
}

function booleanValue(value: Filter['value']): boolean {
  if (typeof value === 'boolean') return value;
  return !FALSE_WORDS.has(String(value).trim().toLowerCase());
}

/** The condition of one filter; null when it is for the caller to apply. */
function condition({ sql, kind }: FilterColumn, filter: Filter, dialect: Dialect): SqlFilter | null {
  const { value, comparator } = filter;
  if (value === null) {
    return comparator === 'equals' ? { text: `${sql} IS NULL`, parameters: [] } : null;
  }
  if (kind === 'boolean') {
    return comparator === 'equals' ? { text: `${sql} = ?`, parameters: [booleanValue(value)] } : null;
  }
  if (kind === 'integer' || kind === 'bigint') {
    if (comparator !== 'equals') return null;
    const number = Number(value);
    return Number.isSafeInteger(number) ? { text: `${sql} = ?`, parameters: [number] } : NEVER;
  }
  if (!isText(kind)) return null;
  const text = String(value);
  if (text.includes('\0')) return NEVER;
  if (text.length > LONGEST_PATTERN && comparator !== 'equals') return null;
  if (filter.caseSensitive) return exactCase(sql, filter, text, dialect);
  return isAscii(text) ? anyCase(sql, filter, text, dialect) : null;
}

/**
 * The conditions for all filters on `columns`, which it marks satisfied.
 * @param columns by attribute name
 */
export function filterSql(
  hints: Hints,
  columns: Readonly<Record<string, FilterColumn>>,
  dialect: Dialect,
): SqlFilter {
  const conditions: SqlFilter[] = [];
  for (const filter of hints.unsatisfied()) {
    const column = Object.hasOwn(columns, filter.name) ? columns[filter.name] : undefined;
    const made = column === undefined ? null : condition(column, filter, dialect);
    if (made === null) continue;
    conditions.push(made);
    filter.satisfied = true;
  }
  return {
    text: conditions.map(({ text }) => text).join(' AND '),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}

/**
 * How many rows to fetch: one more than the limit, which shows that there are more. Null when the caller must not
 * cut, because it has filters to apply yet. Call it after `filterSql`.
 */
export function limitOf(hints: Hints): number | null {
  return hints.limit === null || hints.unsatisfied().length > 0 ? null : hints.limit.limit + 1;
}

/** Cuts the rows that were fetched with `limitOf` to the limit, and marks it truncated when something was cut. */
export function cutToLimit<R>(rows: R[], hints: Hints): R[] {
  if (hints.limit === null || limitOf(hints) === null || rows.length <= hints.limit.limit) return rows;
  hints.limit.truncated = true;
  return rows.slice(0, hints.limit.limit);
}
