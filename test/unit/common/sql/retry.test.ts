/** `[database] db_max_retries`, `db_retry_interval`, `db_inc_retry_interval` and `db_max_retry_interval`. */
import { expect } from 'chai';
import {
  AccessRefusedError,
  ConnectionLostError,
  DatabaseUnavailableError,
  RetryableError,
} from '../../../../src/common/sql/errors.js';
import { connectPatiently, withRetries } from '../../../../src/common/sql/retry.js';
import { rejection } from '../../../support/rejection.js';

const OPTIONS = {
  db_max_retries: 3,
  db_retry_interval: 0.02,
  db_inc_retry_interval: true,
  db_max_retry_interval: 10,
};
const LOST = new ConnectionLostError('lost');
const DEADLOCK = new RetryableError('deadlock');

describe('repeating work on the database', () => {
  /** Milliseconds between the attempts at something that always fails. */
  async function pauses(options: Partial<typeof OPTIONS>, failure: Error): Promise<number[]> {
    const times: number[] = [];
    const failed = await rejection(
      withRetries(
        { ...OPTIONS, ...options },
        () => true,
        () => {
          times.push(performance.now());
          return Promise.reject(failure);
        },
      ),
    );
    expect(failed).to.equal(failure);
    return times.slice(1).map((time, place) => time - (times[place] ?? 0));
  }
  /** Pauses are at least so long; a timer may be a millisecond early. */
  const atLeast = (found: readonly number[], wanted: readonly number[]): void => {
    expect(found).to.have.length(wanted.length);
    for (const [place, pause] of found.entries()) expect(pause).to.be.at.least((wanted[place] ?? 0) - 2);
  };

  it('ends after db_max_retries further attempts', async () => {
    for (const db_max_retries of [0, 1, 4]) {
      expect(await pauses({ db_max_retries }, DEADLOCK)).to.have.length(db_max_retries);
    }
  });

  it('goes on without an end where that is -1', async () => {
    let attempts = 0;
    const result = await withRetries(
      { ...OPTIONS, db_max_retries: -1, db_max_retry_interval: 0.001 },
      () => true,
      () => (++attempts < 50 ? Promise.reject(DEADLOCK) : Promise.resolve('done')),
    );
    expect([result, attempts]).to.deep.equal(['done', 50]);
  });

  it('waits db_retry_interval for a connection, twice as long each time or not', async () => {
    atLeast(await pauses({}, LOST), [20, 40, 80]);
    atLeast(await pauses({ db_retry_interval: 0.05, db_inc_retry_interval: false }, LOST), [50, 50, 50]);
  });

  it('waits db_max_retry_interval at most', async function most() {
    this.timeout(120_000);
    const began = performance.now();
    atLeast(
      await pauses({ db_max_retries: 12, db_retry_interval: 0.02, db_max_retry_interval: 0.02 }, LOST),
      Array.from({ length: 12 }, () => 20),
    );
    // Doubled each time it would be longer than withRetries has patience.
    expect(performance.now() - began).to.be.below(20_000);
  });

  it('repeats only what may be repeated', async () => {
    let attempts = 0;
    const work = (): Promise<never> => {
      attempts += 1;
      return Promise.reject(LOST);
    };
    expect(await rejection(withRetries(OPTIONS, (error) => error === DEADLOCK, work))).to.equal(LOST);
    expect(attempts).to.equal(1);
  });
});

describe('connecting to the database for the first time', () => {
  const attemptsAt = async (failure: Error): Promise<number> => {
    let attempts = 0;
    const connect = (): Promise<never> => {
      attempts += 1;
      return Promise.reject(failure);
    };
    const connecting = connectPatiently({ max_retries: 2, retry_interval: 0.001 }, connect, () => undefined);
    expect(await rejection(connecting)).to.equal(failure);
    return attempts;
  };

  it('is tried max_retries more times while nobody answers', async () => {
    expect(await attemptsAt(new DatabaseUnavailableError('starting'))).to.equal(3);
  });

  it('is tried once where the password or the name of the database is wrong: waiting would not help', async () => {
    expect(await attemptsAt(new AccessRefusedError('no'))).to.equal(1);
  });
});
