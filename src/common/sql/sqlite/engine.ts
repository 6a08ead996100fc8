/** SQLite: reads on connections of their own, prepared statements everywhere. */

import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Sequelize, Transaction } from 'sequelize';
import type { Primitive } from '../codec.js';
import {
  connectionOf,
  type Engine,
  markFinished,
  type NativeStatement,
  type RawRow,
  transactionOn,
} from '../engine.js';
import { createDialectModule, OPEN_READWRITE, SqliteConnection } from './dialect_module.js';
import { SqliteFile } from './file.js';
import type { SqliteHandle, SqliteValue } from './handle.js';

/** Booleans have become numbers before. */
const sqliteValues = (parameters: readonly Primitive[]): SqliteValue[] => parameters as SqliteValue[];

/**
 * @param path of the file, relative to the working folder; made when missing, for our account alone, because it holds
 *             password hashes
 */
export async function openSqlite(
  path: string,
  options: { readonly synchronous: boolean },
): Promise<SqliteEngine> {
  const absolute = resolve(path);
  await makeFile(absolute);
  return new SqliteEngine(await SqliteFile.open(absolute, options));
}

/**
 * Makes a file that is missing. One that is there is not even opened: with the descriptor the process would give up all
 * locks that other connections of it have there, and another process would take it for gone and the log away from it.
 */
async function makeFile(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await access(path, constants.R_OK | constants.W_OK);
  }
}

export class SqliteEngine implements Engine {
  readonly dialect = 'sqlite';
  readonly sequelize: Sequelize;

  constructor(readonly file: SqliteFile) {
    this.sequelize = new Sequelize({
      dialect: 'sqlite',
      storage: file.path,
      dialectModule: createDialectModule(file),
      // The file is there: without this Sequelize would make its folder anew for each transaction.
      dialectOptions: { mode: OPEN_READWRITE },
      transactionType: Transaction.TYPES.IMMEDIATE,
      logging: false,
      retry: { max: 1 },
    });
  }

  all(
    statement: NativeStatement,
    parameters: readonly Primitive[],
    transaction: Transaction | null,
  ): Promise<RawRow[]> {
    const values = sqliteValues(parameters);
    const on = (handle: SqliteHandle): Promise<RawRow[]> =>
      statement.name === null ? handle.once(statement.text, values) : handle.all(statement.text, values);
    if (transaction !== null) return on(ownConnection(transaction).owned);
    return statement.readOnly ? on(this.file.reader()) : this.file.write(on);
  }

  async run(
    statement: NativeStatement,
    parameters: readonly Primitive[],
    transaction: Transaction | null,
  ): Promise<number> {
    const values = sqliteValues(parameters);
    const on = (handle: SqliteHandle): Promise<{ changes: number }> =>
      statement.name === null ? handle.runOnce(statement.text, values) : handle.run(statement.text, values);
    const { changes } = await (transaction === null
      ? this.file.write(on)
      : on(ownConnection(transaction).owned));
    return changes;
  }

  async begin(): Promise<Transaction> {
    const connection = new SqliteConnection(this.file);
    await connection.begin('BEGIN IMMEDIATE');
    return transactionOn(this.sequelize, connection);
  }

  async end(transaction: Transaction, how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    markFinished(transaction, how);
    await ownConnection(transaction).end(how);
  }

  async close(): Promise<void> {
    await this.sequelize.close();
    await this.file.close();
  }
}

function ownConnection(transaction: Transaction): SqliteConnection {
  const connection = connectionOf(transaction);
  if (!(connection instanceof SqliteConnection)) throw new Error('not a transaction on SQLite');
  return connection;
}
