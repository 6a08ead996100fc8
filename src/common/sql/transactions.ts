/** The current transaction of an asynchronous context. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transaction } from 'sequelize';
import { type Engine, stateOf } from './engine.js';
import { DatabaseError } from './errors.js';
import { mapError } from './map_error.js';

interface Scope {
  readonly transaction: Transaction;
  state: 'open' | 'committed' | 'rolled back';
  readonly effects: (() => void)[];
}

export class Transactions {
  private readonly scopes = new AsyncLocalStorage<Scope | null>();

  constructor(
    private readonly engine: Engine,
    private readonly report: (error: unknown) => void,
  ) {}

  /**
   * The transaction that a statement belongs to; null: none. What was started in a transaction and comes after its
   * end stands on its own; a write after a rollback is refused, because it was meant to go with the rest.
   * @throws DatabaseError
   */
  current(kind: 'read' | 'write'): Transaction | null {
    const scope = this.scopes.getStore();
    if (scope === undefined || scope === null) return null;
    if (scope.state === 'open') return scope.transaction;
    if (scope.state === 'rolled back' && kind === 'write') {
      throw new DatabaseError('the transaction that this change belongs to was rolled back');
    }
    return null;
  }

  isOpen(): boolean {
    return this.scopes.getStore()?.state === 'open';
  }

  /** Runs work in a transaction of its own. Errors are mapped. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { dialect } = this.engine;
    let transaction: Transaction;
    try {
      transaction = await this.engine.begin();
    } catch (error) {
      throw mapError(error, dialect);
    }
    const scope: Scope = { transaction, state: 'open', effects: [] };
    let result: T;
    try {
      result = await this.scopes.run(scope, work);
    } catch (error) {
      scope.state = 'rolled back';
      await this.end(transaction, 'rollback').catch(this.report);
      throw mapError(error, dialect);
    }
    try {
      scope.state = 'committed';
      await this.end(transaction, 'commit');
    } catch (error) {
      scope.state = 'rolled back';
      throw mapError(error, dialect);
    }
    this.scopes.run(null, () => scope.effects.forEach((effect) => this.runEffect(effect)));
    return result;
  }

  /**
   * Runs work inside the open transaction so that it can fail alone: what it did is undone when it throws, and the
   * transaction goes on.
   */
  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const scope = this.scopes.getStore();
    if (scope?.state !== 'open') throw new Error('a savepoint needs a transaction');
    const { sequelize, dialect } = this.engine;
    const kept = scope.effects.length;
    const point = await sequelize.transaction({ transaction: scope.transaction });
    try {
      return await work();
    } catch (error) {
      scope.effects.length = kept;
      await point.rollback();
      throw mapError(error, dialect);
    }
  }

  afterCommit(effect: () => void): void {
    const scope = this.scopes.getStore();
    if (scope?.state === 'open') scope.effects.push(effect);
    else this.runEffect(effect);
  }

  private runEffect(effect: () => void): void {
    try {
      effect();
    } catch (error) {
      this.report(error);
    }
  }

  /**
   * Ends a transaction through Sequelize's statements, but gives the connection back ourselves: Sequelize would
   * write to the console when the server has gone.
   */
  private async end(transaction: Transaction, how: 'commit' | 'rollback'): Promise<void> {
    const state = stateOf(transaction);
    // Sequelize rolls back by itself after a deadlock in a model's statement.
    if (state.finished !== undefined) return;
    const queryInterface = this.engine.sequelize.getQueryInterface();
    try {
      await (how === 'commit'
        ? queryInterface.commitTransaction(transaction, {})
        : queryInterface.rollbackTransaction(transaction, {}));
    } catch (error) {
      await this.engine.discard(transaction).catch(this.report);
      throw error;
    } finally {
      state.finished = how;
    }
    state.cleanup();
  }
}
