/** MariaDB and MySQL through the `mariadb` driver. */
import * as mariadb from 'mariadb';
import { Sequelize } from 'sequelize';
import type { Primitive } from '../codec.js';
import type { NativeStatement, RawRow } from '../engine.js';
import type { SqlUrl } from '../sqlalchemy_url.js';
import type { DatabaseOptions } from '../types.js';
import { commonOptions, type ServerDriver, ServerEngine } from './engine.js';
import { tlsOptions } from './tls.js';

/** The module that Sequelize gets: connections that close without complaint when they are broken already. */
const dialectModule = {
  ...mariadb,
  async createConnection(config: mariadb.ConnectionConfig): Promise<mariadb.Connection> {
    const connection = await mariadb.createConnection(config);
    const end = connection.end.bind(connection);
    connection.end = () => end().catch(() => connection.destroy());
    return connection;
  },
};

/** Connections in Sequelize's pool come from `dialectModule`. */
const asConnection = (connection: object): mariadb.Connection => connection as mariadb.Connection;

const driver: ServerDriver = {
  dialect: 'mysql',
  all: (connection, statement, parameters) => run<RawRow[]>(connection, statement, parameters),
  async run(connection, statement, parameters) {
    return (await run<mariadb.UpsertResult>(connection, statement, parameters)).affectedRows;
  },
};

function run<T>(
  connection: object,
  statement: NativeStatement,
  parameters: readonly Primitive[],
): Promise<T> {
  const on = asConnection(connection);
  return statement.name === null
    ? on.query<T>(statement.text, parameters)
    : on.execute<T>(statement.text, parameters);
}

function tls(query: SqlUrl['query']): object {
  const files = { ca: query['ssl_ca'], cert: query['ssl_cert'], key: query['ssl_key'] };
  if (Object.values(files).every((file) => file === undefined)) return {};
  const named = query['ssl_verify_identity'] === 'true' || query['ssl_check_hostname'] === 'true';
  const chain = files.ca !== undefined && query['ssl_verify_cert'] !== 'false';
  return { ssl: tlsOptions(files, named ? 'name' : chain ? 'chain' : 'none') };
}

/** Session settings beside the time zone: standard SQL, and `mysql_sql_mode` as the operator wants it. */
function sqlMode(options: DatabaseOptions): string {
  const modes = (options.mysql_sql_mode ?? '').split(',').map((mode) => mode.trim());
  const all = new Set([...modes.filter((mode) => /^\w+$/.test(mode)), 'ANSI_QUOTES', 'PIPES_AS_CONCAT']);
  // Literals are escaped with backslashes.
  all.delete('NO_BACKSLASH_ESCAPES');
  return [...all].join(',');
}

export function openMariadb(url: SqlUrl, options: DatabaseOptions): ServerEngine {
  const socket = url.query['unix_socket'];
  const readTimeout = Number(url.query['read_timeout'] ?? 0);
  const sequelize = new Sequelize({
    ...commonOptions(options, (connection) => asConnection(connection).isValid()),
    dialect: 'mariadb',
    dialectModule,
    host: url.host ?? 'localhost',
    port: url.port ?? 3306,
    database: url.database ?? '',
    username: url.user ?? '',
    password: url.password ?? '',
    dialectOptions: {
      ...(socket !== undefined && { socketPath: socket }),
      ...tls(url.query),
      connectTimeout: Number(url.query['connect_timeout'] ?? 10) * 1000,
      // Without it a statement may take as long as it likes: changes of large tables do.
      ...(readTimeout > 0 && { socketTimeout: readTimeout * 1000 }),
      initSql: [`SET SESSION sql_mode = '${sqlMode(options)}'`],
      // Rows that matched count, as on the other dialects, not only those that changed.
      foundRows: true,
      dateStrings: true,
      bigIntAsNumber: true,
      insertIdAsNumber: true,
      decimalAsNumber: true,
      typeCast: (_field: unknown, next: () => unknown) => next(),
      // Errors would quote the statement with its values. Only this way they are cut (0 means 256 characters).
      logParam: true,
      debugLen: 1,
    },
  });
  return new ServerEngine(sequelize, driver);
}
