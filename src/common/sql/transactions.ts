/** The current transaction of an asynchronous context. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transaction } from 'sequelize';
import type { Engine, NativeStatement } from './engine.js';
import { ConnectionLostError, DatabaseError, RetryableError } from './errors.js';
import { mapError } from './map_error.js';

interface Scope {
  readonly transaction: Transaction;
  state: 'open' | 'committed' | 'rolled back';
  readonly effects: (() => void)[];
  /** What whoever waits for the transaction waits for as well. */
  readonly sequels: (() => Promise<void>)[];
  /** How many there have been. */
  savepoints: number;
  /** The failure that has ended the transaction in the database already: a deadlock, a lost connection. */
  doom: Error | null;
}

/** Milliseconds after a rollback in which work that belonged to it is still known to. */
const MEMORY = 60_000;

export class Transactions {
  private readonly scopes = new AsyncLocalStorage<Scope | null>();
  private readonly open = new Set<Scope>();
  /** Until the last rollback is forgotten, on the performance clock. */
  private mindful = 0;
  private resting: NodeJS.Timeout | null = null;

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
    if (scope.state === 'open') {
      // MySQL would run and keep each further statement by itself.
      if (scope.doom !== null) throw scope.doom;
      return scope.transaction;
    }
    if (scope.state === 'rolled back' && kind === 'write') {
      throw new DatabaseError('the transaction that this change belongs to was rolled back');
    }
    return null;
  }

  /** Tells the current transaction of an error in it, which may mean its end. */
  failed(error: unknown): void {
    const scope = this.scopes.getStore();
    const isEnd = error instanceof RetryableError || error instanceof ConnectionLostError;
    if (scope?.state === 'open' && isEnd) scope.doom ??= error;
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
    const scope: Scope = { transaction, state: 'open', effects: [], sequels: [], savepoints: 0, doom: null };
    this.open.add(scope);
    try {
      return await this.within(scope, work);
    } finally {
      if (scope.state === 'rolled back') this.mindful = performance.now() + MEMORY;
      this.open.delete(scope);
      this.rest();
    }
  }

  private async within<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
    const { transaction } = scope;
    const { dialect } = this.engine;
    let result: T;
    try {
      result = await this.scopes.run(scope, work);
      if (scope.doom !== null) throw scope.doom;
    } catch (error) {
      scope.state = 'rolled back';
      await this.engine.end(transaction, 'ROLLBACK').catch(this.report);
      throw mapError(error, dialect);
    }
    try {
      scope.state = 'committed';
      await this.engine.end(transaction, 'COMMIT');
    } catch (error) {
      scope.state = 'rolled back';
      throw mapError(error, dialect);
    }
    this.scopes.run(null, () => scope.effects.forEach((effect) => this.runEffect(effect)));
    for (const sequel of scope.sequels) await this.scopes.run(null, sequel).catch(this.report);
    return result;
  }

  /**
   * The asynchronous context makes every promise of the process dearer: it is given up while there is no transaction.
   * What follows a commit needs none; what follows a rollback must be told from other work for a while.
   */
  private rest(): void {
    if (this.open.size > 0 || this.resting !== null) return;
    const left = this.mindful - performance.now();
    if (left <= 0) {
      this.scopes.disable();
      return;
    }
    this.resting = setTimeout(() => {
      this.resting = null;
      this.rest();
    }, left).unref();
  }

  /**
   * Runs work inside the open transaction so that it can fail alone: what it did is undone when it throws, and the
   * transaction goes on.
   */
  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const scope = this.scopes.getStore();
    if (scope?.state !== 'open') throw new Error('a savepoint needs a transaction');
    const kept = [scope.effects.length, scope.sequels.length] as const;
    const name = `keystone_${(scope.savepoints += 1)}`;
    await this.control(scope, `SAVEPOINT ${name}`);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      [scope.effects.length, scope.sequels.length] = kept;
      if (scope.doom !== null) throw scope.doom;
      await this.control(scope, `ROLLBACK TO SAVEPOINT ${name}`);
      throw mapError(error, this.engine.dialect);
    }
    await this.control(scope, `RELEASE SAVEPOINT ${name}`);
    return result;
  }

  afterCommit(effect: () => void): void {
    const scope = this.scopes.getStore();
    if (scope?.state === 'open') scope.effects.push(effect);
    else this.runEffect(effect);
  }

  /**
   * Runs a step once the transaction has committed; it is not over before the step is. Without a transaction the step
   * runs now.
   */
  async sequel(step: () => Promise<void>): Promise<void> {
    const scope = this.scopes.getStore();
    if (scope?.state === 'open') scope.sequels.push(step);
    else await step();
  }

  private async control(scope: Scope, text: string): Promise<void> {
    const statement: NativeStatement = { name: null, text, readOnly: false };
    try {
      await this.engine.run(statement, [], scope.transaction);
    } catch (error) {
      const mapped = mapError(error, this.engine.dialect);
      this.failed(mapped);
      throw mapped;
    }
  }

  private runEffect(effect: () => void): void {
    try {
      effect();
    } catch (error) {
      this.report(error);
    }
  }
}
