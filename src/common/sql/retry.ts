/** When a failed piece of database work is tried again, and after how long. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AccessRefusedError,
  ConnectionLostError,
  DatabaseUnavailableError,
  RetryableError,
} from './errors.js';
import type { DatabaseOptions } from './types.js';

/** Milliseconds after which a request that still fails is told so, whatever the number of attempts. */
const PATIENCE = 30_000;
/** Milliseconds before the first repetition after a conflict, doubled each time. */
const FIRST_PAUSE = 10;

type RetryOptions = Pick<
  DatabaseOptions,
  'db_max_retries' | 'db_retry_interval' | 'db_inc_retry_interval' | 'db_max_retry_interval'
>;

/**
 * Runs `work`, and again after failures that `worthRetrying` names.
 * After a conflict it waits shortly and a random time, so that two that met do not meet again; after a lost
 * connection as `[database] db_retry_interval` says.
 */
export async function withRetries<T>(
  options: RetryOptions,
  worthRetrying: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  const began = Date.now();
  const most = options.db_max_retries < 0 ? Infinity : options.db_max_retries;
  let interval = options.db_retry_interval * 1000;
  let pause = FIRST_PAUSE;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt > most || !worthRetrying(error) || Date.now() - began > PATIENCE) throw error;
      if (error instanceof ConnectionLostError) {
        await sleep(interval);
        if (options.db_inc_retry_interval) {
          interval = Math.min(interval * 2, options.db_max_retry_interval * 1000);
        }
      } else {
        await sleep(pause * (0.5 + Math.random()));
        pause = Math.min(pause * 2, options.db_max_retry_interval * 1000);
      }
    }
  }
}

/**
 * Connects for the first time: `[database] max_retries` further attempts, `retry_interval` seconds apart, for a database
 * that may still come. One that refuses the account is not asked again.
 */
export async function connectPatiently(
  options: Pick<DatabaseOptions, 'max_retries' | 'retry_interval'>,
  connect: () => Promise<void>,
  report: (error: Error, attempt: number) => void,
): Promise<void> {
  const most = options.max_retries < 0 ? Infinity : options.max_retries;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connect();
      return;
    } catch (error) {
      const mayCome =
        error instanceof DatabaseUnavailableError &&
        !(error instanceof RetryableError || error instanceof AccessRefusedError);
      if (attempt > most || !mayCome) throw error;
      report(error, attempt);
      await sleep(options.retry_interval * 1000);
    }
  }
}
