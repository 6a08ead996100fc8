/**
 * What is asked over the network and can be down or stall: every question has a deadline, and after some failures in a
 * row nobody is kept waiting any more. While it counts as down it is tried in the background, so that no request pays
 * for finding out that it is still down.
 */
import { onceLate } from './once_late.js';

/** It is down, or did not answer in time. */
export class UnavailableError extends Error {
  override name = 'UnavailableError';
}

/** It answered, but would not do this one thing: it is not down. */
export class RefusedError extends UnavailableError {
  override name = 'RefusedError';
}

export interface BreakerOptions {
  /** Milliseconds that an answer may take. */
  readonly deadline: number;
  /** Failures in a row after which it counts as down. */
  readonly failures: number;
  /** Milliseconds between two attempts in the background at most; they begin at a second and double. */
  readonly retry: number;
  /** Fails while it is down. */
  readonly probe: () => Promise<unknown>;
  /** After each failure, with what must not be used again still open. */
  readonly onFailure?: (error: Error) => void;
  /** Told when it goes down and when it is back. */
  readonly onChange: (up: boolean, reason: string) => void;
}

export interface BreakerState {
  readonly up: boolean;
  /** Since when, ISO 8601; null when it was never asked. */
  readonly since: string | null;
  /** Why it is down. */
  readonly reason: string | null;
}

const FIRST_RETRY = 1000;

export class Breaker {
  readonly #options: BreakerOptions;
  /** All that counted. */
  #failures = 0;
  #failuresInRow = 0;
  #down: { readonly reason: string } | null = null;
  #since: Date | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /**
   * Ask.
   * @throws UnavailableError at once while it is down, and when it fails or does not answer in time; RefusedError as
   *   work does
   */
  async run<T>(work: () => Promise<T>, deadline = this.#options.deadline): Promise<T> {
    if (this.#closed) throw new UnavailableError('closed');
    if (this.#down !== null) throw new UnavailableError(this.#down.reason);
    const failuresBefore = this.#failures;
    try {
      const result = await withDeadline(deadline, work);
      this.#failuresInRow = 0;
      return result;
    } catch (error) {
      if (error instanceof RefusedError) {
        this.#failuresInRow = 0;
        throw error;
      }
      const problem = error instanceof Error ? error : new Error(String(error));
      // What ran at the same time failed with the first of them.
      if (this.#failures === failuresBefore) this.#failed(problem);
      throw new UnavailableError(problem.message, { cause: error });
    }
  }

  /** Something is known to have failed. */
  fail(error: Error): void {
    if (!this.#closed) this.#failed(error);
  }

  get isUp(): boolean {
    return this.#down === null;
  }

  state(): BreakerState {
    return {
      up: this.#down === null,
      since: this.#since?.toISOString() ?? null,
      reason: this.#down?.reason ?? null,
    };
  }

  /** From here on nothing is asked and nothing is tried. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #failed(error: Error): void {
    this.#options.onFailure?.(error);
    if (this.#down !== null || this.#closed) return;
    this.#failures += 1;
    this.#failuresInRow += 1;
    if (this.#failuresInRow < this.#options.failures) return;
    this.#down = { reason: error.message };
    this.#since = new Date();
    this.#options.onChange(false, error.message);
    this.#tryLater(FIRST_RETRY);
  }

  #tryLater(pause: number): void {
    const { retry } = this.#options;
    const wait = Math.max(1, Math.min(pause, retry));
    this.#timer = setTimeout(() => void this.#probe(wait), wait).unref();
  }

  async #probe(pause: number): Promise<void> {
    try {
      await withDeadline(Math.max(this.#options.deadline, FIRST_RETRY), this.#options.probe);
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error));
      this.#options.onFailure?.(problem);
      if (this.#closed) return;
      // Often it is only known now: whoever was in a hurry gave up without an answer.
      this.#down = { reason: problem.message };
      this.#tryLater(2 * pause);
      return;
    }
    if (this.#closed) return;
    this.#down = null;
    this.#failuresInRow = 0;
    this.#since = new Date();
    this.#options.onChange(true, 'it answers again');
  }
}

/**
 * The result of work, or an error when there is none in time. An answer that has arrived, but waits to be read because
 * this process was busy, counts.
 */
export function withDeadline<T>(deadline: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = onceLate(deadline, () => reject(new Error(`no answer within ${deadline} ms`)));
    work().then(resolve, reject).finally(cancel);
  });
}
