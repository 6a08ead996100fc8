/** MariaDB, MySQL and PostgreSQL: Sequelize's pool of connections, prepared statements on each of them. */
import type { Options, Sequelize, Transaction } from 'sequelize';
import type { Primitive } from '../codec.js';
import {
  connectionOf,
  type Engine,
  markFinished,
  type NativeStatement,
  type RawRow,
  transactionOn,
} from '../engine.js';
import { isConnectionLost } from '../map_error.js';
import type { DatabaseOptions, Dialect } from '../types.js';

const BEGIN: NativeStatement = { name: null, text: 'START TRANSACTION', readOnly: false };

/** How a driver runs statements on one of its connections. */
export interface ServerDriver {
  readonly dialect: Exclude<Dialect, 'sqlite'>;
  all(connection: object, statement: NativeStatement, parameters: readonly Primitive[]): Promise<RawRow[]>;
  run(connection: object, statement: NativeStatement, parameters: readonly Primitive[]): Promise<number>;
}

export class ServerEngine implements Engine {
  readonly dialect: Exclude<Dialect, 'sqlite'>;

  constructor(
    readonly sequelize: Sequelize,
    private readonly driver: ServerDriver,
  ) {
    this.dialect = driver.dialect;
  }

  all(
    statement: NativeStatement,
    parameters: readonly Primitive[],
    transaction: Transaction | null,
  ): Promise<RawRow[]> {
    return this.on(transaction, (connection) => this.driver.all(connection, statement, parameters));
  }

  run(
    statement: NativeStatement,
    parameters: readonly Primitive[],
    transaction: Transaction | null,
  ): Promise<number> {
    return this.on(transaction, (connection) => this.driver.run(connection, statement, parameters));
  }

  async begin(): Promise<Transaction> {
    const { connectionManager } = this.sequelize;
    const connection = await connectionManager.getConnection({ type: 'write' });
    try {
      await this.driver.run(connection, BEGIN, []);
    } catch (error) {
      await this.destroy(connection);
      throw error;
    }
    return transactionOn(this.sequelize, connection);
  }

  async end(transaction: Transaction, how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const connection = connectionOf(transaction);
    markFinished(transaction, how);
    try {
      await this.driver.run(connection, { name: null, text: how, readOnly: false }, []);
    } catch (error) {
      await this.destroy(connection);
      throw error;
    }
    this.sequelize.connectionManager.releaseConnection(connection);
  }

  close(): Promise<void> {
    return this.sequelize.close();
  }

  private async on<T>(transaction: Transaction | null, work: (connection: object) => Promise<T>): Promise<T> {
    if (transaction !== null) return work(connectionOf(transaction));
    const { connectionManager } = this.sequelize;
    const connection = await connectionManager.getConnection({ type: 'write' });
    let result: T;
    try {
      result = await work(connection);
    } catch (error) {
      if (isConnectionLost(error, this.dialect)) await this.destroy(connection);
      else connectionManager.releaseConnection(connection);
      throw error;
    }
    connectionManager.releaseConnection(connection);
    return result;
  }

  private destroy(connection: object): Promise<void> {
    return this.sequelize.connectionManager.destroyConnection(connection);
  }
}

/**
 * Options of Sequelize that both kinds of server share.
 * @param isUsable the driver's own check of a pooled connection
 */
export function commonOptions(
  options: DatabaseOptions,
  isUsable: (connection: object) => boolean,
): Options & { pool: NonNullable<Options['pool']> } {
  const opened = new WeakMap<object, number>();
  const isYoung = (connection: object): boolean => {
    const since = opened.get(connection) ?? Date.now();
    opened.set(connection, since);
    return options.idle_timeout <= 0 || Date.now() - since < options.idle_timeout * 1000;
  };
  const kept = options.max_pool_size ?? 5;
  const most = kept === 0 ? Number.MAX_SAFE_INTEGER : kept + Math.max(0, options.max_overflow ?? 0);
  return {
    logging: false,
    timezone: '+00:00',
    retry: { max: 1 },
    pool: {
      min: Math.min(options.min_pool_size, most),
      max: options.max_overflow === -1 ? Number.MAX_SAFE_INTEGER : most,
      acquire: (options.pool_timeout ?? 30) * 1000,
      // Connections beyond `min` go after ten seconds without use.
      idle: 10_000,
      evict: 5000,
      validate: (connection) =>
        typeof connection === 'object' && connection !== null && isUsable(connection) && isYoung(connection),
    },
  };
}
