/**
 * Where migration steps run: alone, however many nodes start `db_sync` at once, and as one transaction where the
 * database has transactional DDL (SQLite, PostgreSQL; MySQL commits with each DDL statement, so every step there
 * must be able to start again in the middle).
 */
import type { Transaction } from 'sequelize';
import type { Primitive } from '../codec.js';
import type { SqlDatabase } from '../database.js';
import type { Engine, NativeStatement } from '../engine.js';
import { DatabaseError, DatabaseUnavailableError } from '../errors.js';
import { mapError } from '../map_error.js';
import { SqliteEngine } from '../sqlite/engine.js';
import type { SqliteFile } from '../sqlite/file.js';
import type { SqliteValue } from '../sqlite/handle.js';
import type { Dialect } from '../types.js';

/** Runs SQL in the dialect's own text; parameters are `?` everywhere. */
export interface MigrationSession {
  readonly dialect: Dialect;
  all(text: string, parameters?: readonly Primitive[]): Promise<Record<string, unknown>[]>;
  /** @returns how many rows matched */
  run(text: string, parameters?: readonly Primitive[]): Promise<number>;
}

/** What only looks needs no more than this. */
export type ReadSession = Pick<MigrationSession, 'dialect' | 'all'>;

/** Looks at a database without any lock. */
export function readSession(database: SqlDatabase): ReadSession {
  const { engine } = database;
  return {
    dialect: engine.dialect,
    async all(text, parameters = []) {
      try {
        return await engine.all({ ...native(text, engine.dialect), readOnly: true }, parameters, null);
      } catch (error) {
        throw mapError(error, engine.dialect);
      }
    },
  };
}

function native(text: string, dialect: Dialect): NativeStatement {
  let position = 0;
  const numbered = (): string => `$${(position += 1)}`;
  return {
    name: null,
    text: dialect === 'postgres' ? text.replaceAll('?', numbered) : text,
    readOnly: false,
  };
}

/** Seconds to wait for another node that is migrating. */
const LOCK_WAIT = 120;
const LOCK_NAME = 'keystone_db_sync';
/** PostgreSQL's advisory locks have numbers. */
const LOCK_NUMBER = 0x6b65_7973;

/** Runs work alone. Errors are mapped. */
export async function migrationSession<T>(
  database: SqlDatabase,
  work: (session: MigrationSession) => Promise<T>,
): Promise<T> {
  const { engine } = database;
  try {
    return await (engine instanceof SqliteEngine ? onSqlite(engine.file, work) : onServer(engine, work));
  } catch (error) {
    throw mapError(error, engine.dialect);
  }
}

/** Foreign keys are off meanwhile, because tables have to be rebuilt, and checked before the end. */
function onSqlite<T>(file: SqliteFile, work: (session: MigrationSession) => Promise<T>): Promise<T> {
  return file.write(async (writer) => {
    const values = (parameters: readonly Primitive[]): SqliteValue[] => parameters as SqliteValue[];
    const session: MigrationSession = {
      dialect: 'sqlite',
      all: (text, parameters = []) => writer.once(text, values(parameters)),
      run: async (text, parameters = []) => (await writer.runOnce(text, values(parameters))).changes,
    };
    try {
      await writer.execute('PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE');
      const result = await work(session);
      const violations = await writer.once('PRAGMA foreign_key_check');
      const tables = [...new Set(violations.map((row) => String(row['table'])))].join(', ');
      if (tables !== '') throw new DatabaseError(`rows of ${tables} refer to rows that do not exist`);
      await writer.execute('COMMIT');
      return result;
    } catch (error) {
      await writer.execute('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      await writer.execute('PRAGMA foreign_keys = ON');
    }
  });
}

async function onServer<T>(engine: Engine, work: (session: MigrationSession) => Promise<T>): Promise<T> {
  const transaction = await engine.begin();
  const session = serverSession(engine, transaction);
  try {
    await lock(session);
    const result = await work(session);
    if (engine.dialect === 'mysql') await session.all('SELECT RELEASE_LOCK(?) AS done', [LOCK_NAME]);
    await engine.end(transaction, 'COMMIT');
    return result;
  } catch (error) {
    if (engine.dialect === 'mysql')
      await session.all('SELECT RELEASE_LOCK(?) AS done', [LOCK_NAME]).catch(() => []);
    await engine.end(transaction, 'ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function lock(session: MigrationSession): Promise<void> {
  if (session.dialect === 'postgres') {
    await session.all(`SET LOCAL lock_timeout = '${LOCK_WAIT}s'`);
    await session.all(`SELECT pg_advisory_xact_lock(${LOCK_NUMBER})`);
    return;
  }
  const [row] = await session.all('SELECT GET_LOCK(?, ?) AS got', [LOCK_NAME, LOCK_WAIT]);
  if (row?.['got'] !== 1) {
    throw new DatabaseUnavailableError('another db_sync is still running on this database');
  }
}

function serverSession(engine: Engine, transaction: Transaction): MigrationSession {
  return {
    dialect: engine.dialect,
    all: (text, parameters = []) => engine.all(native(text, engine.dialect), parameters, transaction),
    run: (text, parameters = []) => engine.run(native(text, engine.dialect), parameters, transaction),
  };
}
