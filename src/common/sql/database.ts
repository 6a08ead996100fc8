/** `Database` on any dialect: statements, gateways and transactions over an engine. */
import type { Sequelize, Transaction } from 'sequelize';
import { getLogger } from '../log/index.js';
import type { MaybePromise } from '../maybe_promise.js';
import { type Evidence, probeOf } from './changes/probe.js';
import { ChangeWatch } from './changes/watch.js';
import { encodeParameter, type Primitive, rowDecoder } from './codec.js';
import type { Engine, RawRow } from './engine.js';
import { ConnectionLostError, DatabaseError, DatabaseUnavailableError, RetryableError } from './errors.js';
import { SqlTable } from './gateway.js';
import { mapError } from './map_error.js';
import { defineModels } from './models/define.js';
import { type TableName, type Tables, tables } from './models/index.js';
import { NativeStatements, runsOf } from './native.js';
import { type PreparedSql, prepareSql } from './prepared.js';
import { connectPatiently, withRetries } from './retry.js';
import { parseSqlUrl, printableSqlUrl, type SqlUrl } from './sqlalchemy_url.js';
import { openSqlite } from './sqlite/engine.js';
import { Transactions } from './transactions.js';
import type { Database, DatabaseOptions, Dialect, SqlParameter, Table } from './types.js';

const log = getLogger('keystone.common.sql');
const PING = prepareSql({ text: 'SELECT 1 AS one', columns: { one: 'integer' } });

const UNKNOWN: Evidence = { local: undefined, shared: undefined };

/** The defaults of `[database]`. */
export const DEFAULT_OPTIONS: DatabaseOptions = Object.freeze({
  min_pool_size: 1,
  max_pool_size: 5,
  max_overflow: 50,
  pool_timeout: 30,
  idle_timeout: 3600,
  max_retries: 10,
  retry_interval: 10,
  db_max_retries: 20,
  db_retry_interval: 1,
  db_inc_retry_interval: true,
  db_max_retry_interval: 10,
  use_db_reconnect: false,
  sqlite_synchronous: true,
  mysql_sql_mode: 'TRADITIONAL',
});

type AnyPrepared = PreparedSql<unknown>;

export class SqlDatabase implements Database {
  readonly dialect: Dialect;
  readonly sequelize: Sequelize;
  private readonly transactions: Transactions;
  private readonly changes: ChangeWatch;
  private readonly native: NativeStatements;
  private readonly decoders = new WeakMap<AnyPrepared, (rows: RawRow[]) => RawRow[]>();
  private readonly gateways = new Map<TableName, unknown>();

  constructor(
    /** The dialect's own side, for migrations. */
    readonly engine: Engine,
    private readonly options: DatabaseOptions,
  ) {
    this.dialect = engine.dialect;
    this.sequelize = engine.sequelize;
    this.native = new NativeStatements(engine.dialect);
    this.transactions = new Transactions(engine, (error) =>
      log.warn(`after a transaction: ${error instanceof Error ? error.message : String(error)}`),
    );
    this.changes = new ChangeWatch(probeOf(engine));
    defineModels(this.sequelize, Object.values(tables));
  }

  table<N extends TableName>(name: N): Table<Tables[N]> {
    let gateway = this.gateways.get(name);
    if (gateway === undefined) {
      gateway = new SqlTable(this, tables[name]);
      this.gateways.set(name, gateway);
    }
    return gateway as Table<Tables[N]>;
  }

  async query<R>(statement: PreparedSql<R>, parameters: readonly SqlParameter[] = []): Promise<R[]> {
    const decode = this.decoderOf(statement);
    const results: RawRow[][] = [];
    for (const { listLength, values } of runsOf(statement, parameters)) {
      const native = this.native.get(statement, listLength);
      const encoded = this.encode(values);
      const kind = statement.readOnly ? 'read' : 'write';
      const rows = await this.perform(kind, null, (transaction) =>
        this.engine.all(native, encoded, transaction),
      );
      results.push(decode(rows));
    }
    const [only] = results;
    // The statement's columns say what its rows hold.
    return (results.length === 1 && only !== undefined ? only : results.flat()) as R[];
  }

  async execute(statement: AnyPrepared, parameters: readonly SqlParameter[] = []): Promise<number> {
    const runs = runsOf(statement, parameters);
    const table = /^(?:insert into|update|delete from) "?(\w+)"?/i.exec(statement.text)?.[1] ?? null;
    const runAll = async (): Promise<number> => {
      let count = 0;
      for (const { listLength, values } of runs) {
        const native = this.native.get(statement, listLength);
        const encoded = this.encode(values);
        count += await this.perform('write', table, (transaction) =>
          this.engine.run(native, encoded, transaction),
        );
      }
      return count;
    };
    return runs.length > 1 ? this.transaction(runAll) : runAll();
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.transactions.isOpen()) return work();
    let committing = false;
    const attempt = (): Promise<T> => {
      committing = false;
      return this.transactions.run(async () => {
        const result = await work();
        committing = true;
        return result;
      });
    };
    // A connection that broke during COMMIT may have committed: that must not be done twice.
    const worthRetrying = (error: unknown): boolean =>
      error instanceof RetryableError ||
      (error instanceof ConnectionLostError && this.options.use_db_reconnect && !committing);
    return withRetries(this.options, worthRetrying, attempt);
  }

  savepoint<T>(work: () => Promise<T>): Promise<T> {
    return this.transactions.savepoint(work);
  }

  sequel(step: () => Promise<void>): Promise<void> {
    return this.transactions.sequel(step);
  }

  afterCommit(effect: () => void): void {
    this.transactions.afterCommit(effect);
  }

  /** Runs work on the current transaction or, outside of one, with the retries that a single statement may have. */
  async perform<T>(
    kind: 'read' | 'write',
    table: string | null,
    work: (transaction: Transaction | null) => Promise<T>,
  ): Promise<T> {
    const transaction = this.transactions.current(kind);
    try {
      return await work(transaction);
    } catch (error) {
      const mapped = mapError(error, this.dialect, table);
      if (transaction !== null) {
        this.transactions.failed(mapped);
        throw mapped;
      }
      return this.repeat(kind, table, work, mapped);
    }
  }

  async changeToken(): Promise<string | undefined> {
    return (await this.evidence()).local;
  }

  changeState(): MaybePromise<string | undefined> {
    if (this.transactions.isOpen()) return undefined;
    return this.changeAtHand() ?? this.changeToken();
  }

  changeAtHand(): string | undefined {
    return this.transactions.isOpen() ? undefined : this.changes.glance()?.local;
  }

  async generation(): Promise<string | undefined> {
    return (await this.evidence()).shared;
  }

  async ping(): Promise<void> {
    await this.query(PING);
  }

  close(): Promise<void> {
    return this.engine.close();
  }

  /** A transaction reads what it has changed itself, or an older state: no proof is for that. */
  private evidence(): Promise<Evidence> {
    if (this.transactions.isOpen()) return Promise.resolve(UNKNOWN);
    const known = this.changes.glance();
    if (known !== null) return Promise.resolve(known);
    return this.perform('read', null, () => this.changes.evidence());
  }

  /** The slow way, after a first failure outside a transaction. */
  private async repeat<T>(
    kind: 'read' | 'write',
    table: string | null,
    work: (transaction: Transaction | null) => Promise<T>,
    first: unknown,
  ): Promise<T> {
    // A pooled connection may have died while nobody looked: reading again harms nothing.
    let staleAllowed = kind === 'read' ? 1 : 0;
    const worthRetrying = (error: unknown): boolean => {
      if (error instanceof RetryableError) return true;
      if (!(error instanceof ConnectionLostError) || kind === 'write') return false;
      staleAllowed -= 1;
      return staleAllowed >= 0 || this.options.use_db_reconnect;
    };
    if (!worthRetrying(first)) throw first;
    return withRetries(this.options, worthRetrying, async () => {
      try {
        return await work(null);
      } catch (error) {
        throw mapError(error, this.dialect, table);
      }
    });
  }

  private encode(values: readonly (string | number | boolean | Date | null)[]): Primitive[] {
    return values.map((value) => encodeParameter(value, this.dialect));
  }

  private decoderOf(statement: AnyPrepared): (rows: RawRow[]) => RawRow[] {
    let decode = this.decoders.get(statement);
    if (decode === undefined) {
      const decodeRow = rowDecoder(statement.columns);
      decode =
        decodeRow === null
          ? (rows) => rows
          : (rows) => {
              for (const row of rows) decodeRow(row);
              return rows;
            };
      this.decoders.set(statement, decode);
    }
    return decode;
  }
}

/** Only what the one database needs is loaded. */
async function openEngine(url: SqlUrl, options: DatabaseOptions): Promise<Engine> {
  if (url.dialect === 'mysql') return (await import('./server/mariadb.js')).openMariadb(url, options);
  if (url.dialect === 'postgres') return (await import('./server/postgres.js')).openPostgres(url, options);
  if (url.path === null) {
    throw new DatabaseUnavailableError('a SQLite database in memory cannot be shared, name a file');
  }
  return openSqlite(url.path, { synchronous: options.sqlite_synchronous });
}

/** The same kind of error, for the operator: which database, and what it or its driver said. */
function explain(error: unknown, url: SqlUrl): unknown {
  if (!(error instanceof Error)) return error;
  const reason = error.cause instanceof Error ? error.cause.message : error.message;
  const message = `[database] connection ${printableSqlUrl(url)}: ${reason}`;
  return error instanceof DatabaseUnavailableError || !(error instanceof DatabaseError)
    ? new DatabaseUnavailableError(message, { cause: error })
    : new DatabaseError(message, { cause: error });
}

/**
 * Opens a database and proves that it answers.
 * @param spec.url     as in `[database] connection`
 * @param spec.options the section `[database]`; what is left out has its default
 * @throws DatabaseUnavailableError after `max_retries` further attempts; the message names the database
 */
export async function openDatabase(spec: {
  readonly url: SqlUrl | string;
  readonly options?: Partial<DatabaseOptions>;
}): Promise<SqlDatabase> {
  const url = typeof spec.url === 'string' ? parseSqlUrl(spec.url) : spec.url;
  const options: DatabaseOptions = { ...DEFAULT_OPTIONS, ...spec.options };
  let engine: Engine;
  try {
    engine = await openEngine(url, options);
  } catch (error) {
    throw explain(mapError(error, url.dialect), url);
  }
  const database = new SqlDatabase(engine, options);
  try {
    await connectPatiently(
      options,
      () => database.ping(),
      (error, attempt) => {
        const attempts = options.max_retries < 0 ? '' : ` of ${options.max_retries + 1}`;
        log.warn(`${String(explain(error, url))}; attempt ${attempt}${attempts}`);
      },
    );
  } catch (error) {
    await database.close();
    throw explain(error, url);
  }
  return database;
}
