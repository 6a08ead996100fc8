/** PostgreSQL through the `pg` driver. */
import * as pg from 'pg';
import { Sequelize } from 'sequelize';
import type { Primitive } from '../codec.js';
import type { NativeStatement } from '../engine.js';
import type { SqlUrl } from '../sqlalchemy_url.js';
import type { DatabaseOptions } from '../types.js';
import { commonOptions, type ServerDriver, ServerEngine } from './engine.js';
import { tlsOptions } from './tls.js';

const { builtins, getTypeParser } = pg.types;

/** Times stay text, as everywhere; whole numbers of any size become numbers. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: Parameters<typeof getTypeParser>[0], format?: 'text') => {
    if (oid === builtins.TIMESTAMP || oid === builtins.DATE) return (text: string) => text;
    if (oid === builtins.INT8 || oid === builtins.NUMERIC) return Number;
    return getTypeParser(oid, format);
  }) as pg.CustomTypesConfig['getTypeParser'],
};

class Client extends pg.Client {
  constructor(config: pg.ClientConfig) {
    super({ ...config, types });
  }
}

const dialectModule = { Client, types: pg.types };

/** Connections in Sequelize's pool come from `dialectModule`. */
const asClient = (connection: object): Client => connection as Client;

function query(
  connection: object,
  statement: NativeStatement,
  values: readonly Primitive[],
): Promise<pg.QueryResult> {
  const { name, text } = statement;
  return asClient(connection).query({ text, values: [...values], ...(name !== null && { name }) });
}

const driver: ServerDriver = {
  dialect: 'postgres',
  async all(connection, statement, parameters) {
    return (await query(connection, statement, parameters)).rows;
  },
  async run(connection, statement, parameters) {
    return (await query(connection, statement, parameters)).rowCount ?? 0;
  },
};

/** libpq's `sslmode`: what is not asked for is not used, as the original's driver prefers but does not insist. */
function tls(parameters: SqlUrl['query']): object {
  const mode = parameters['sslmode'];
  if (mode === undefined || mode === 'disable' || mode === 'allow' || mode === 'prefer') return {};
  const files = { ca: parameters['sslrootcert'], cert: parameters['sslcert'], key: parameters['sslkey'] };
  const chain = mode === 'verify-ca' || files.ca !== undefined;
  return { ssl: tlsOptions(files, mode === 'verify-full' ? 'name' : chain ? 'chain' : 'none') };
}

export function openPostgres(url: SqlUrl, options: DatabaseOptions): ServerEngine {
  const sequelize = new Sequelize({
    ...commonOptions(options, (connection) => !('_invalid' in connection) && !isEnding(connection)),
    dialect: 'postgres',
    dialectModule,
    // A folder is that of the server's socket.
    host: url.query['host'] ?? url.host ?? 'localhost',
    port: url.port ?? 5432,
    database: url.database ?? '',
    username: url.user ?? '',
    ...(url.password !== null && { password: url.password }),
    dialectOptions: {
      ...tls(url.query),
      application_name: url.query['application_name'] ?? 'keystone',
      ...(url.query['options'] !== undefined && { options: url.query['options'] }),
      connectionTimeoutMillis: Number(url.query['connect_timeout'] ?? 10) * 1000,
      keepAlive: true,
    },
  });
  return new ServerEngine(sequelize, driver);
}

function isEnding(connection: object): boolean {
  return '_ending' in connection && connection._ending === true;
}
