/** What each dialect does in its own way, behind one interface. */
import type { Sequelize, Transaction } from 'sequelize';
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
  /** Gives up a connection that failed, so that nobody gets it again. */
  discard(transaction: Transaction): Promise<void>;
  changeToken(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** What Sequelize's transactions have beside what its types tell. */
export interface TransactionState {
  readonly connection: object;
  finished?: 'commit' | 'rollback';
  cleanup(): void;
}

/** Sequelize's types leave these members out: the one place that knows of them. */
export function stateOf(transaction: Transaction): TransactionState {
  return transaction as unknown as TransactionState;
}
