/**
 * Between JavaScript values and stored ones. Times are UTC. SQLite keeps them as SQLAlchemy writes them
 * (`YYYY-MM-DD HH:MM:SS.ffffff`), Keystone's DATETIME columns on MySQL hold whole seconds.
 */
import { InvalidValueError } from './errors.js';
import type { ResultColumns, ResultType } from './prepared.js';
import type { Column, Columns, TableDefinition } from './table.js';
import type { Dialect, SqlValue } from './types.js';

/** What drivers accept as a parameter on all dialects. */
export type Primitive = string | number | boolean | null;
type RawRow = Record<string, unknown>;

export function encodeDate(date: Date, dialect: Dialect): string {
  if (Number.isNaN(date.getTime())) throw new InvalidValueError('an invalid date cannot be stored');
  const iso = date.toISOString();
  const seconds = `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
  return dialect === 'mysql' ? seconds : `${seconds}.${iso.slice(20, 23)}000`;
}

function wholeSeconds(text: string): number {
  return Date.UTC(
    Number(text.slice(0, 4)),
    Number(text.slice(5, 7)) - 1,
    Number(text.slice(8, 10)),
    Number(text.slice(11, 13)),
    Number(text.slice(14, 16)),
    Number(text.slice(17, 19)),
  );
}

/** Microseconds since 1970 of a stored time, exactly. */
export function decodeMicroseconds(text: string): number {
  return wholeSeconds(text) * 1000 + Number(text.slice(20, 26).padEnd(6, '0'));
}

/** A stored time, to the millisecond (what is finer is cut off). */
export function decodeDate(text: string): Date {
  return new Date(wholeSeconds(text) + Number(text.slice(20, 23).padEnd(3, '0')));
}

/**
 * A parameter in the form that the dialect stores.
 * @throws InvalidValueError for NUL characters, which PostgreSQL cannot hold, and for numbers that are none
 */
export function encodeParameter(value: SqlValue, dialect: Dialect): Primitive {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0')) throw new InvalidValueError('a NUL character cannot be stored');
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new InvalidValueError('only finite numbers can be stored');
      return value;
    case 'boolean':
      return dialect === 'postgres' ? value : Number(value);
    default:
      return value === null ? null : encodeDate(value, dialect);
  }
}

function decoder(type: ResultType): ((value: unknown) => unknown) | null {
  switch (type) {
    case 'boolean':
    case 'boolean?':
      return (value) => (typeof value === 'number' ? value !== 0 : value);
    case 'datetime':
    case 'datetime?':
      return (value) => (typeof value === 'string' ? decodeDate(value) : value);
    case 'microseconds':
    case 'microseconds?':
      return (value) => (typeof value === 'string' ? decodeMicroseconds(value) : value);
    default:
      return null;
  }
}

/** Makes the function that turns raw rows into what the columns promise, in place; null when there is nothing to do. */
export function rowDecoder(columns: ResultColumns): ((row: RawRow) => void) | null {
  const steps = Object.entries(columns).flatMap(([name, type]) => {
    const decode = decoder(type);
    return decode === null ? [] : [{ name, decode }];
  });
  if (steps.length === 0) return null;
  return (row) => {
    for (const { name, decode } of steps) row[name] = decode(row[name]);
  };
}

const RESULT_TYPES: Readonly<Record<Column['kind'], ResultType>> = {
  varchar: 'text?',
  text: 'text?',
  enum: 'text?',
  integer: 'integer?',
  bigint: 'integer?',
  boolean: 'boolean?',
  datetime: 'datetime?',
  date: 'text?',
};

/** The result columns of a whole row. */
export function resultColumns(columns: Columns): ResultColumns {
  return Object.fromEntries(Object.entries(columns).map(([name, { kind }]) => [name, RESULT_TYPES[kind]]));
}

function expectedType(kind: Column['kind']): 'string' | 'number' | 'boolean' | 'object' {
  if (kind === 'integer' || kind === 'bigint') return 'number';
  if (kind === 'boolean') return 'boolean';
  return kind === 'datetime' ? 'object' : 'string';
}

/** What databases count as characters. */
function codePoints(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
}

/**
 * A value for a column of a table, checked as the strictest dialect would, so that all refuse the same.
 * @throws InvalidValueError
 */
export function encodeColumn(
  table: TableDefinition,
  name: string,
  value: unknown,
  dialect: Dialect,
): Primitive {
  const column = table.columns[name];
  if (column === undefined) throw new InvalidValueError(`table ${table.name} has no column ${name}`);
  if (value === null || value === undefined) {
    if (!column.nullable) throw new InvalidValueError(`${table.name}.${name} cannot be null`);
    return null;
  }
  // MySQL would find 'abc' equal to the number 0: what is not of the column's type goes no further.
  if (typeof value !== expectedType(column.kind)) {
    throw new InvalidValueError(`${table.name}.${name} cannot hold a ${typeof value}`);
  }
  if (typeof value === 'string') {
    if (column.length !== null && value.length > column.length && codePoints(value) > column.length) {
      throw new InvalidValueError(`${table.name}.${name} cannot hold more than ${column.length} characters`);
    }
    if (column.values !== null && !column.values.includes(value)) {
      throw new InvalidValueError(`${table.name}.${name} cannot hold this value`);
    }
  }
  return encodeParameter(value as SqlValue, dialect);
}
