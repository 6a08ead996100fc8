/**
 * Tokens in the memory of the process: they end with it, and no other process knows of them. For tests.
 * Source: `[token] driver = kvs`. That only one process serves is seen to when a server starts
 * (`server/single_process.ts`).
 */
import { getLogger } from '../../../common/log/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { TokenStore } from '../store.js';
import { type Change, type KeyValueStore, KeyValueTokenStore } from './key_value.js';

const log = getLogger('keystone.token.persistence');

/** Writes between two looks at what has expired. */
const SWEEP_EVERY = 1000;

export function createDriver({ conf }: DriverContext): TokenStore {
  log.warn('[token] driver = kvs keeps tokens in this process alone and loses them with it: use it in tests');
  return new KeyValueTokenStore(new MemoryStore(), conf);
}

class MemoryStore implements KeyValueStore {
  readonly #values = new Map<string, Change>();
  #writes = 0;

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#read(key));
  }

  set(key: string, value: string, expiresAt: number): Promise<void> {
    this.#values.set(key, { value, expiresAt });
    this.#writes += 1;
    if (this.#writes % SWEEP_EVERY === 0) this.#sweep();
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.#values.delete(key);
    return Promise.resolve();
  }

  async update(key: string, change: (value: string | undefined) => Change | null): Promise<void> {
    const wanted = change(this.#read(key));
    if (wanted !== null) await this.set(key, wanted.value, wanted.expiresAt);
  }

  #read(key: string): string | undefined {
    const found = this.#values.get(key);
    return found === undefined || found.expiresAt <= Date.now() ? undefined : found.value;
  }

  #sweep(): void {
    const now = Date.now();
    for (const [key, { expiresAt }] of this.#values) {
      if (expiresAt <= now) this.#values.delete(key);
    }
  }
}
