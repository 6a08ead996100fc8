/** Connections that are kept: `use_pool`, `pool_size`, `pool_connection_lifetime` and the same for sign-ins. */
import type { LdapConnection } from './connection.js';
import { ConnectionLost } from './errors.js';

export interface PoolOptions {
  /** Connections at most, those in use included; without end for connections that are not kept. */
  readonly size: number;
  /** Milliseconds that a connection is used; 0: for one use. */
  readonly lifetime: number;
  /** Milliseconds to wait for one of `size` connections. */
  readonly patience: number;
  readonly open: () => Promise<LdapConnection>;
  /** Whether a connection that is free should give way to a new one. */
  readonly isOutdated: (connection: LdapConnection) => boolean;
}

/** A connection in use: exactly one of the two functions must be called, once. */
export interface Lease {
  readonly connection: LdapConnection;
  /** Whether it was used before. */
  readonly isUsed: boolean;
  /** To be kept for others. */
  release(): void;
  /** Something went wrong with it. */
  discard(): void;
}

interface Waiting {
  readonly proceed: () => void;
  readonly fail: (error: Error) => void;
}

export class ConnectionPool {
  private readonly free: LdapConnection[] = [];
  private readonly inUse = new Set<LdapConnection>();
  private readonly waiting: Waiting[] = [];
  private places: number;
  private isClosed = false;

  constructor(private readonly options: PoolOptions) {
    this.places = options.size;
  }

  /** @throws ConnectionLost when there is none in time; what `open` throws */
  async acquire(): Promise<Lease> {
    await this.takePlace();
    try {
      const kept = this.takeFree();
      const connection = kept ?? (await this.options.open());
      this.inUse.add(connection);
      connection.keepsProcess(true);
      return this.lease(connection, kept !== null);
    } catch (error) {
      this.givePlace();
      throw error;
    }
  }

  /** Free connections end now, others when they are given back. */
  close(): void {
    this.isClosed = true;
    this.forgetFree();
    for (const { fail } of this.waiting.splice(0)) fail(new ConnectionLost('pool', 'closed', false));
  }

  /** What is free may be as broken as the one that failed. */
  forgetFree(): void {
    for (const connection of this.free.splice(0)) connection.close();
  }

  state(): { readonly free: number; readonly in_use: number; readonly waiting: number } {
    return { free: this.free.length, in_use: this.inUse.size, waiting: this.waiting.length };
  }

  private lease(connection: LdapConnection, isUsed: boolean): Lease {
    const giveBack = (keep: boolean): void => {
      if (!this.inUse.delete(connection)) return;
      if (keep && this.isGood(connection)) {
        connection.keepsProcess(false);
        this.free.push(connection);
      } else {
        connection.close();
      }
      this.givePlace();
    };
    return { connection, isUsed, release: () => giveBack(true), discard: () => giveBack(false) };
  }

  private takeFree(): LdapConnection | null {
    for (;;) {
      const connection = this.free.pop();
      if (connection === undefined) return null;
      if (this.isGood(connection)) return connection;
      connection.close();
    }
  }

  private isGood(connection: LdapConnection): boolean {
    const { lifetime, isOutdated } = this.options;
    return (
      !this.isClosed &&
      connection.isUsable &&
      Date.now() - connection.openedAt < lifetime &&
      !isOutdated(connection)
    );
  }

  private takePlace(): Promise<void> {
    if (this.isClosed) return Promise.reject(new ConnectionLost('pool', 'closed', false));
    if (this.places > 0) {
      this.places -= 1;
      return Promise.resolve();
    }
    const { patience, size } = this.options;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        const position = this.waiting.indexOf(entry);
        if (position >= 0) this.waiting.splice(position, 1);
      };
      const entry: Waiting = {
        proceed: () => {
          settle();
          resolve();
        },
        fail: (error) => {
          settle();
          reject(error);
        },
      };
      const timer = setTimeout(
        () => entry.fail(new ConnectionLost('pool', `all ${size} connections are busy`, true)),
        patience,
      );
      this.waiting.push(entry);
    });
  }

  private givePlace(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.places += 1;
    else next.proceed();
  }
}
