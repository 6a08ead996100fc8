/** What the rest of the house sees of a database: see docs/database.md. */
import type { Sequelize } from 'sequelize';
import type { Hints } from '../hints.js';
import type { MaybePromise } from '../maybe_promise.js';
import type { TableName, Tables } from './models/index.js';
import type { PreparedSql } from './prepared.js';
import type { InsertOf, RowOf, TableDefinition } from './table.js';

export type Dialect = 'sqlite' | 'mysql' | 'postgres';

/** What a parameter may be. A `Date` is stored as UTC in the form that SQLAlchemy writes. */
export type SqlValue = string | number | boolean | Date | null;
/** A parameter: an array fills the list mark `??`. */
export type SqlParameter = SqlValue | readonly SqlValue[];

/** A condition on one column: a value (null means IS NULL), a list (IN), or comparisons, all of which must hold. */
export type Condition<V> = V | readonly NonNullable<V>[] | Comparison<V>;
export interface Comparison<V> {
  /** Differs from; null means IS NOT NULL. */
  readonly not?: V | null;
  readonly lt?: NonNullable<V>;
  readonly lte?: NonNullable<V>;
  readonly gt?: NonNullable<V>;
  readonly gte?: NonNullable<V>;
}
/** Conditions by column; all must hold. A column whose condition is `undefined` is not looked at. */
export type Where<Row> = { readonly [K in keyof Row]?: Condition<Row[K]> | undefined };

export interface FindOptions<Row> {
  readonly where?: Where<Row>;
  /** Filters on the table's own columns are applied and marked satisfied; the limit only when all of them were. */
  readonly hints?: Hints | null;
  readonly order?: readonly (keyof Row & string)[];
  readonly limit?: number;
}

/** One table: rows in, rows out, no objects with behaviour. Every method joins the current transaction. */
export interface Table<T extends TableDefinition> {
  readonly definition: T;
  /**
   * @returns the counted-up key where the table has one, else 0
   * @throws DuplicateError, ForeignKeyError, InvalidValueError
   */
  insert(row: InsertOf<T>): Promise<number>;
  /** Inserts many rows with few statements; all or none. */
  insertMany(rows: readonly InsertOf<T>[]): Promise<void>;
  /** By primary key; a key of several columns is given as an object. */
  get(key: string | number | Where<RowOf<T>>): Promise<RowOf<T> | null>;
  find(options?: FindOptions<RowOf<T>>): Promise<RowOf<T>[]>;
  findOne(where: Where<RowOf<T>>): Promise<RowOf<T> | null>;
  /**
   * @param where must name at least one column
   * @returns how many rows matched
   */
  update(where: Where<RowOf<T>>, changes: Partial<RowOf<T>>): Promise<number>;
  /**
   * @param where must name at least one column
   * @returns how many rows went
   */
  delete(where: Where<RowOf<T>>): Promise<number>;
  count(where?: Where<RowOf<T>>): Promise<number>;
}

export interface Database {
  readonly dialect: Dialect;
  /**
   * The Sequelize instance with a model per table, for what neither `table` nor `query` can say. Its calls join a
   * transaction only when they are given `{ transaction }`.
   */
  readonly sequelize: Sequelize;
  /** The gateway of a table, for create, read, update and delete. */
  table<N extends TableName>(name: N): Table<Tables[N]>;
  /** Hot path: runs a statement made by `prepareSql`, prepared once per connection. */
  query<R>(statement: PreparedSql<R>, parameters?: readonly SqlParameter[]): Promise<R[]>;
  /**
   * Runs a statement that changes rows.
   * @returns how many rows matched
   */
  execute(statement: PreparedSql<unknown>, parameters?: readonly SqlParameter[]): Promise<number>;
  /**
   * Runs `work` in a transaction: everything that it awaits on this database belongs to it. Inside a transaction it
   * joins the outer one. It is rolled back when `work` throws, and `work` runs again after a deadlock or another
   * failure that a repetition can heal (`[database] db_max_retries`): effects outside the database belong into
   * `afterCommit`. On SQLite a transaction holds the only write lock from its beginning: do slow things before it.
   */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Inside a transaction: runs work that may fail alone. When it throws, what it did is undone and the transaction
   * can go on (on PostgreSQL any failed statement would otherwise spoil the whole transaction).
   * @throws Error outside a transaction
   */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `effect` once the outermost transaction has committed; at once when there is none. */
  afterCommit(effect: () => void): void;
  /**
   * Run a step once the current transaction has committed, at once when there is none; whoever waits for the
   * transaction waits for the step, too. It does not fail.
   */
  sequel(step: () => Promise<void>): Promise<void>;
  /**
   * Changes whenever any process has committed something that answers rest on: asked for before data are read, and
   * again later on, equal values prove that the data are still true. Undefined when nothing is proven: inside a
   * transaction, and on MySQL without the triggers that `db_sync` makes.
   */
  changeToken(): Promise<string | undefined>;
  /** The same, at once where it can be told without asking anybody. */
  changeState(): MaybePromise<string | undefined>;
  /** The same where it can be told without asking anybody; undefined otherwise. */
  changeAtHand(): string | undefined;
  /**
   * Like `changeToken`, and comparable among all processes on this database: what is kept in a shared cache under a
   * generation that was asked for before the data were read is true for as long as the generation is the same.
   * Undefined where nothing is proven: then nothing may be taken from, or put into, a shared cache under a proof.
   */
  generation(): Promise<string | undefined>;
  /** @throws DatabaseUnavailableError */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The options of `[database]` that matter here, under their own names; times in seconds. */
export interface DatabaseOptions {
  readonly min_pool_size: number;
  readonly max_pool_size: number | null;
  readonly max_overflow: number | null;
  /** How long to wait for a free connection. */
  readonly pool_timeout: number | null;
  /** Age at which a connection is replaced. */
  readonly idle_timeout: number;
  /** Attempts to connect when opening; -1 means for ever. */
  readonly max_retries: number;
  readonly retry_interval: number;
  /** Attempts after a deadlock or lost connection; -1 means for ever. */
  readonly db_max_retries: number;
  readonly db_retry_interval: number;
  readonly db_inc_retry_interval: boolean;
  readonly db_max_retry_interval: number;
  /** Run transactions again after a lost connection too. */
  readonly use_db_reconnect: boolean;
  readonly sqlite_synchronous: boolean;
  readonly mysql_sql_mode: string | null;
}
