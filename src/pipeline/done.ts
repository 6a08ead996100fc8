/**
 * Going on behind a middleware without a promise of one's own. What is answered at once passes a dozen filters, and a
 * promise in each would cost more than the answer.
 */

/** What a middleware returns when it is done already. To everybody else it is a promise like any other. */
export const DONE: Promise<void> = Promise.resolve();

/** What a middleware returned, as a promise: some return nothing. */
export function promised(made: unknown): Promise<unknown> {
  return made === undefined ? DONE : Promise.resolve(made);
}

/**
 * `work.then(goOn)`, but at once when the work is done already.
 *
 * @returns DONE in that case
 */
export function after(work: Promise<unknown>, goOn: () => void): Promise<unknown> {
  if (work !== DONE) return work.then(goOn);
  goOn();
  return DONE;
}

/** `work.finally(last)`, but at once when the work is done already. `last` does not fail. */
export function atLast(work: Promise<unknown>, last: () => void): Promise<unknown> {
  if (work !== DONE) {
    // `finally` makes four promises.
    return work.then(
      (value) => {
        last();
        return value;
      },
      (error: unknown) => {
        last();
        throw error;
      },
    );
  }
  last();
  return DONE;
}
