/** What each dialect does in its own way, behind one interface. */
import { type Sequelize, Transaction } from 'sequelize';
import type { Primitive } from './codec.js';
import type { Dialect } from './types.js';

export type RawRow = Record<string, unknown>;

/** A statement ready for one dialect: its marks in the dialect's form, its list opened to a length. */
export interface NativeStatement {
  /** Unique per text; null when the statement is not to stay prepared. */
  readonly name: string | null;
  readonly text: string;
  readonly readOnly: boolean;
}

export interface Engine {
  readonly dialect: Dialect;
  readonly sequelize: Sequelize;
  /**
   * Runs a statement that returns rows.
   * @param transaction the transaction to run in; null: on any connection
   */
  all(
    statement: NativeStatement,
    parameters: readonly Primitive[],
    transaction: Transaction | null,
  ): Promise<RawRow[]>;
  /** Runs a statement that changes rows. @returns how many rows matched */
  run(
    statement: NativeStatement,
    parameters: readonly Primitive[],
    transaction: Transaction | null,
  ): Promise<number>;
  begin(): Promise<Transaction>;
  /** Ends a transaction and gives its connection back; a connection that cannot do so is given up. */
  end(transaction: Transaction, how: 'COMMIT' | 'ROLLBACK'): Promise<void>;
  close(): Promise<void>;
}

/** What Sequelize's transactions have beside what its types tell. */
interface TransactionState {
  connection: object;
  finished?: 'commit' | 'rollback';
}

/** Sequelize's types leave these members out: the one place that knows of them. */
function stateOf(transaction: Transaction): TransactionState {
  return transaction as unknown as TransactionState;
}

/**
 * Makes Sequelize's models join a transaction that was begun on a connection. It is begun and ended without
 * Sequelize, which needs several statements' time for it, and writes to the console when a server has gone.
 */
export function transactionOn(sequelize: Sequelize, connection: object): Transaction {
  const transaction = new Transaction(sequelize, {});
  stateOf(transaction).connection = connection;
  return transaction;
}

export const connectionOf = (transaction: Transaction): object => stateOf(transaction).connection;

/** From here on, models refuse to use the transaction. */
export function markFinished(transaction: Transaction, how: 'COMMIT' | 'ROLLBACK'): void {
  stateOf(transaction).finished = how === 'COMMIT' ? 'commit' : 'rollback';
}
