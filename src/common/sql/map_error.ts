/** Turns the errors of three drivers and of Sequelize into those of `errors.ts`. */
import { ConnectionError, BaseError as SequelizeError } from 'sequelize';
import {
  AccessRefusedError,
  ConnectionLostError,
  DatabaseError,
  DatabaseUnavailableError,
  DuplicateError,
  ForeignKeyError,
  InvalidValueError,
  RetryableError,
} from './errors.js';
import { tables } from './models/index.js';
import type { TableDefinition } from './table.js';
import type { Dialect } from './types.js';

/** What the drivers' errors have in common, and what each adds. */
interface DriverError extends Error {
  readonly code?: string;
  /** MariaDB, SQLite. */
  readonly errno?: number;
  readonly sqlMessage?: string | null;
  /** PostgreSQL. */
  readonly table?: string;
  readonly detail?: string;
  readonly severity?: string;
}

const LOST = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'PROTOCOL_CONNECTION_LOST']);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENOENT',
  'EACCES',
]);

const unavailable = (cause: Error): DatabaseError =>
  new DatabaseUnavailableError('the database cannot be used at the moment', { cause });
const refused = (cause: Error): DatabaseError =>
  new AccessRefusedError('the database refuses the account or has no such database', { cause });
const lost = (cause: Error): DatabaseError =>
  new ConnectionLostError('the connection to the database was lost', { cause });
const retryable = (cause: Error): DatabaseError =>
  new RetryableError('the database was busy with a conflicting change', { cause });
const invalid = (cause: Error): DatabaseError =>
  new InvalidValueError('a value does not fit into its column', { cause });

function fromSqlite(error: DriverError, table: string | null): DatabaseError | null {
  const { message } = error;
  const unique = /UNIQUE constraint failed: (.*)$/.exec(message)?.[1];
  if (unique !== undefined) {
    const columns = unique.split(', ').map((name) => name.slice(name.indexOf('.') + 1));
    return new DuplicateError(unique.slice(0, unique.indexOf('.')), columns.sort(), { cause: error });
  }
  if (message.includes('FOREIGN KEY constraint failed')) return new ForeignKeyError(table, { cause: error });
  switch (error.code) {
    case 'SQLITE_CONSTRAINT':
    case 'SQLITE_TOOBIG':
    case 'SQLITE_MISMATCH':
      return invalid(error);
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return retryable(error);
    case 'SQLITE_IOERR':
    case 'SQLITE_FULL':
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
    case 'SQLITE_PERM':
    case 'SQLITE_PROTOCOL':
      return unavailable(error);
    default:
      return null;
  }
}

const MYSQL_DUPLICATE = new Set([1062, 1586]);
const MYSQL_FOREIGN_KEY = new Set([1216, 1217, 1451, 1452]);
const MYSQL_INVALID = new Set([1048, 1264, 1265, 1292, 1364, 1366, 1406, 1411, 3988, 4025]);
const MYSQL_RETRYABLE = new Set([1020, 1205, 1213]);
// Shutdown, killed, gone away, lost, and the connector's own codes for broken sockets.
const MYSQL_LOST = new Set([1053, 1927, 2006, 2013, 45_009, 45_013, 45_026]);
const MYSQL_UNAVAILABLE = new Set([1037, 1040, 1041, 1129, 1130, 1203, 1290, 2002, 2003, 45_012]);
// Account, password, database; 1698 is an account that is known by other means than a password.
const MYSQL_REFUSED = new Set([1044, 1045, 1049, 1698]);

/** The columns of a key by the name that the database gives it. */
function columnsOfKey(table: string | null, key: string | undefined): readonly string[] | null {
  const definition = (tables as Readonly<Record<string, TableDefinition>>)[table ?? ''];
  if (definition === undefined || key === undefined) return null;
  if (key === 'PRIMARY') return [...definition.primaryKey].sort();
  const found = definition.unique.find(({ name, columns }) => (name ?? columns[0]) === key);
  return found === undefined ? null : [...found.columns].sort();
}

function fromMysql(error: DriverError, table: string | null): DatabaseError | null {
  const number = error.errno ?? 0;
  if (MYSQL_DUPLICATE.has(number)) {
    const key = /for key '(?:[^'.]*\.)?([^']+)'\s*$/.exec(error.sqlMessage ?? error.message)?.[1];
    return new DuplicateError(table, columnsOfKey(table, key), { cause: error });
  }
  if (MYSQL_FOREIGN_KEY.has(number)) return new ForeignKeyError(table, { cause: error });
  if (MYSQL_INVALID.has(number)) return invalid(error);
  if (MYSQL_RETRYABLE.has(number)) return retryable(error);
  if (MYSQL_LOST.has(number)) return lost(error);
  if (MYSQL_REFUSED.has(number)) return refused(error);
  if (MYSQL_UNAVAILABLE.has(number)) return unavailable(error);
  return null;
}

const POSTGRES_INVALID = new Set([
  '22001',
  '22003',
  '22007',
  '22008',
  '22021',
  '22P02',
  '22P05',
  '23502',
  '23514',
]);
const POSTGRES_RETRYABLE = new Set(['40001', '40P01', '55P03']);
const POSTGRES_LOST = new Set(['57P01', '57P02', '57P03', '08003', '08006']);

function fromPostgres(error: DriverError, table: string | null): DatabaseError | null {
  const code = error.code ?? '';
  const name = error.table ?? table;
  if (code === '23505') {
    const columns = /^Key \((.*?)\)=/.exec(error.detail ?? '')?.[1]?.split(', ');
    const bare = columns?.map((column) => column.replaceAll('"', '')).sort() ?? null;
    return new DuplicateError(name, bare, { cause: error });
  }
  if (code === '23503') return new ForeignKeyError(name, { cause: error });
  if (POSTGRES_INVALID.has(code)) return invalid(error);
  if (POSTGRES_RETRYABLE.has(code)) return retryable(error);
  if (
    POSTGRES_LOST.has(code) ||
    /^(?:Connection terminated|Client has encountered|Client was closed)/.test(error.message)
  ) {
    return lost(error);
  }
  if (/^(?:28|3D)/.test(code) && error.severity !== undefined) return refused(error);
  // 57014: a statement that took longer than the session's statement_timeout.
  if (/^(?:08|53|57P|57014)/.test(code) && error.severity !== undefined) return unavailable(error);
  return null;
}

const BY_DIALECT = { sqlite: fromSqlite, mysql: fromMysql, postgres: fromPostgres };

/**
 * Names what happened. Errors that do not come from the database pass unchanged.
 * @param table the table that was written to, where the caller knows it
 */
export function mapError(error: unknown, dialect: Dialect, table: string | null = null): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError) return error;
  const original = originalOf(error);
  const mapped = classify(original, dialect, table);
  for (const property of TELLTALE) Reflect.deleteProperty(original, property);
  if (mapped !== null) return mapped;
  if (error instanceof ConnectionError) return unavailable(original);
  if (error instanceof SequelizeError || isDriverError(original)) {
    return new DatabaseError('the database refused a statement', { cause: original });
  }
  return error;
}

/** Whether an error that `mapError` has not seen yet means that its connection is of no further use. */
export function isConnectionLost(error: unknown, dialect: Dialect): boolean {
  return error instanceof Error && classify(originalOf(error), dialect, null) instanceof ConnectionLostError;
}

/** The driver's error: Sequelize wraps it. */
function originalOf(error: Error): DriverError {
  const wrapped: unknown = 'original' in error ? error.original : undefined;
  return wrapped instanceof Error ? wrapped : error;
}

function classify(original: DriverError, dialect: Dialect, table: string | null): DatabaseError | null {
  return BY_DIALECT[dialect](original, table) ?? byCode(original, dialect);
}

/** Properties of drivers' errors that hold statements, values or whole rows: they must not reach a log. */
const TELLTALE = ['sql', 'parameters', 'detail', 'where', 'internalQuery'];

/** Failures of the network, which look the same for every server. */
function byCode(error: DriverError, dialect: Dialect): DatabaseError | null {
  const { code = '' } = error;
  if (LOST.has(code)) return lost(error);
  return dialect !== 'sqlite' && UNREACHABLE.has(code) ? unavailable(error) : null;
}

function isDriverError(error: DriverError): boolean {
  return (
    error.severity !== undefined ||
    error.sqlMessage !== undefined ||
    error.code?.startsWith('SQLITE_') === true
  );
}
