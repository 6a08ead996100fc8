/**
 * Database URLs as SQLAlchemy writes them, in `[database] connection`:
 * `dialect[+driver]://[user[:password]@][host][:port][/database][?name=value&…]`.
 *
 * User name and password are percent-decoded, the database's name is not (as in SQLAlchemy 1.4). A password may hold
 * `/` and `:` as they are; an unencoded `@`, which releases before 1.4 allowed, is understood too. Port, user,
 * password and database may be parameters instead, which SQLAlchemy hands to the driver: with a socket for a host there
 * is no other place for a port.
 */

export type SqlDialect = 'sqlite' | 'mysql' | 'postgres';

export interface SqlUrl {
  /** MariaDB is `mysql`. */
  readonly dialect: SqlDialect;
  /** What stands behind the `+`, such as `pymysql`: a Python module, of no meaning here. */
  readonly driver: string | null;
  /** Name or address, IPv6 without brackets; null: the driver's default, or a socket of `query`. */
  readonly host: string | null;
  readonly port: number | null;
  readonly user: string | null;
  readonly password: string | null;
  /** Name of the database on its server; null for SQLite. */
  readonly database: string | null;
  /** SQLite: the file, as it was written; null is a database in memory. Null for servers. */
  readonly path: string | null;
  /** Parameters such as `charset`, `unix_socket`, `ssl_ca`; of repeated ones the last. */
  readonly query: { readonly [name: string]: string };
}

/** The text is no database URL that we can use. The message never holds the text, which may hold a password. */
export class SqlUrlError extends Error {
  override readonly name = 'SqlUrlError';
}

const DIALECTS: ReadonlyMap<string, SqlDialect> = new Map([
  ['sqlite', 'sqlite'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  ['postgresql', 'postgres'],
  ['postgres', 'postgres'],
]);

const NAME = /^([a-z0-9_]+)(?:\+([a-z0-9_]+))?:\/\//i;

// The shortest password behind which a whole host, port and database follow: so an "@" of the database's name is
// not taken for the end of the password.
const REST =
  /^(?:(?<user>[^:/@]*)(?::(?<password>.*?))?@)?(?:\[(?<ipv6>[^/?\]]+)\]|(?<host>[^/:?@[\]]+))?(?::(?<port>[^/?@]*))?(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s;

/** Percent-decoded text; a "%" without two hexadecimal digits behind it stands for itself. */
function decode(text: string, what: string): string {
  try {
    return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (encoded) => decodeURIComponent(encoded));
  } catch {
    throw new SqlUrlError(`the percent-encoding of the ${what} is no UTF-8; "%25" is a percent sign`);
  }
}

function portOf(text: string | undefined): number | null {
  if (text === undefined || text === '') {
    return null;
  }
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) {
    throw new SqlUrlError(
      'the port must be a number of 1 to 65535; in a password ":", "/", "?" and "@" are encoded',
    );
  }
  return port;
}

function splitName(text: string): { dialect: SqlDialect; driver: string | null; rest: string } {
  const match = NAME.exec(text);
  if (match === null) {
    throw new SqlUrlError('a URL such as mysql+pymysql://USER:PASSWORD@HOST/DATABASE is needed');
  }
  const dialect = DIALECTS.get((match[1] ?? '').toLowerCase());
  if (dialect === undefined) {
    throw new SqlUrlError(`the database must be one of ${[...DIALECTS.keys()].join(', ')}`);
  }
  return { dialect, driver: match[2] ?? null, rest: text.slice(match[0].length) };
}

function sqlitePath(database: string | null, query: SqlUrl['query']): string | null {
  if (database === null || database === ':memory:') {
    return null;
  }
  if (query['uri'] !== undefined || database.startsWith('file:')) {
    throw new SqlUrlError('"file:" names of SQLite are not supported; write sqlite:////absolute/path');
  }
  return database;
}

/**
 * Take a database URL apart.
 *
 * @throws SqlUrlError
 */
export function parseSqlUrl(text: string): SqlUrl {
  const { dialect, driver, rest } = splitName(text);
  const parts = REST.exec(rest)?.groups;
  if (parts === undefined) {
    throw new SqlUrlError(
      'user, host, port and database cannot be told apart; encode special characters as %XX',
    );
  }
  const query = Object.fromEntries(new URLSearchParams(parts['query'] ?? ''));
  const host = parts['ipv6'] ?? parts['host'] ?? null;
  const user = query['user'] ?? (parts['user'] ? decode(parts['user'], 'user name') : null);
  const encoded = parts['password'] === undefined ? null : decode(parts['password'], 'password');
  const password = query['password'] ?? encoded;
  const port = portOf(query['port'] ?? parts['port']);
  const database = query['dbname'] ?? query['database'] ?? (parts['database'] || null);
  if (dialect === 'sqlite') {
    if (host !== null || user !== null || port !== null) {
      throw new SqlUrlError('SQLite has no host: write sqlite:///relative/path or sqlite:////absolute/path');
    }
    const path = sqlitePath(parts['database'] || null, query);
    return { dialect, driver, host, port, user, password: null, database: null, path, query };
  }
  if (database === null) {
    throw new SqlUrlError('the name of the database is missing at its end');
  }
  return { dialect, driver, host, port, user, password, database, path: null, query };
}

/** The URL for messages and logs: without password, and without parameters, which may hold one too. */
export function printableSqlUrl(url: SqlUrl): string {
  const driver = url.driver === null ? '' : `+${url.driver}`;
  if (url.dialect === 'sqlite') {
    return `sqlite${driver}://${url.path === null ? '' : `/${url.path}`}`;
  }
  const user =
    url.user === null ? '' : `${encodeURIComponent(url.user)}${url.password === null ? '' : ':***'}@`;
  const host = url.host?.includes(':') === true ? `[${url.host}]` : (url.host ?? '');
  const port = url.port === null ? '' : `:${url.port}`;
  return `${url.dialect}${driver}://${user}${host}${port}/${url.database ?? ''}`;
}
