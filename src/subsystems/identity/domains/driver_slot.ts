/** An identity driver in use: it ends when it is replaced and its last running call is over. */
import { getLogger } from '../../../common/log/index.js';
import type { IdentityDriver } from '../driver.js';
import { problemOf } from './problem.js';

const log = getLogger('keystone.identity.domains');

export class DriverSlot {
  private running = 0;
  private retired = false;
  private ended: Promise<void> | null = null;
  private idle: (() => void) | null = null;

  constructor(
    readonly driver: IdentityDriver,
    /** Most entities in a list, as the configuration of the driver says. */
    readonly listLimit: number | null,
  ) {}

  /** Whether it must not be used any more. */
  get isRetired(): boolean {
    return this.retired;
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    this.running += 1;
    try {
      return await work();
    } finally {
      this.running -= 1;
      if (this.running === 0) this.idle?.();
    }
  }

  /** Take no more calls and close when those that run are over. */
  retire(): Promise<void> {
    this.retired = true;
    this.ended ??= this.end();
    return this.ended;
  }

  private async end(): Promise<void> {
    if (this.running > 0) {
      await new Promise<void>((resolve) => {
        this.idle = resolve;
      });
    }
    try {
      await this.driver.close();
    } catch (error) {
      log.warn(`An identity backend did not end well: ${problemOf(error)}`);
    }
  }
}
