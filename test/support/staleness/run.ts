/**
 * Random changes through one of two processes, validation through the other: every validation that begins after a
 * change was answered has to tell the truth, for tokens that the process has kept as for those it sees for the first
 * time. What the truth is, is reckoned without the service (`truth.ts`).
 */
import { openDatabase } from '../../../src/common/sql/index.js';
import type { OwnMemcached } from '../services/own_memcached.js';
import { Api } from './api.js';
import { Outages } from './outages.js';
import { startSite } from './processes.js';
import { Random } from './random.js';
import { Rounds } from './rounds.js';
import { World } from './world.js';

export interface StalenessOptions {
  /** SQLAlchemy URL of an empty database; null: a SQLite file. */
  readonly database: string | null;
  readonly rounds: number;
  readonly seed: number;
  /** `[token] provider` */
  readonly provider?: 'fernet' | 'uuid';
  /** A cache that both processes share. */
  readonly memcached?: OwnMemcached | undefined;
  /** Whether it dies and comes back now and then. */
  readonly outages?: boolean;
  /** Ends it after the round that goes on. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (round: number) => void;
  readonly onWrong?: (text: string) => void;
}

export interface StalenessReport {
  /** Answers that were not true, in words. */
  readonly wrong: readonly string[];
  /** Rounds that were made. */
  readonly rounds: number;
  /** Answers that were judged. */
  readonly judged: number;
  /** How often each change was made. */
  readonly made: ReadonlyMap<string, number>;
  /** Milliseconds that the rounds took. */
  readonly time: number;
  /** How often the shared cache had what it was asked for. */
  readonly found: number;
  /** How often the shared cache was killed. */
  readonly killed: number;
}

const OUTAGE_EVERY = 100;
/** Tokens of the first rounds must not expire in the last. */
const A_DAY = 86_400;

function confOf({ provider = 'fernet', memcached }: StalenessOptions): Record<string, readonly string[]> {
  return {
    token: [`provider = ${provider}`, `expiration = ${A_DAY}`],
    auth: ['methods = password,token,oauth1'],
    ...(memcached && {
      cache: [
        'enabled = true',
        'backend = dogpile.cache.memcached',
        `memcache_servers = ${memcached.address}`,
        'memcache_dead_retry = 1',
      ],
    }),
  };
}

/** @throws Error when a process does not start, ends, or refuses a change */
export async function checkStaleness(options: StalenessOptions): Promise<StalenessReport> {
  const { database, seed, provider, memcached, onProgress, onWrong } = options;
  const site = await startSite(2, database, confOf(options));
  const url = database ?? `sqlite:///${site.deployment.path('keystone.db')}`;
  const elsewhere = await openDatabase({ url, options: { max_retries: 0 } });
  const sides = site.urls.map((each) => new Api(each));
  // Its choices are its own: they depend on time.
  const outages = memcached && new Outages(memcached, new Random(~seed));
  try {
    const [one, two] = sides;
    if (one === undefined || two === undefined) throw new Error('two processes are needed');
    await Promise.all([one.signIn(), two.signIn()]);
    const world = new World(elsewhere, provider === 'uuid');
    await world.begin(one);
    const rounds = new Rounds([one, two], world, seed, onWrong);
    const begin = performance.now();
    let number = 0;
    while (number < options.rounds && options.signal?.aborted !== true) {
      number += 1;
      if (options.outages === true && number % OUTAGE_EVERY === OUTAGE_EVERY / 2) outages?.begin();
      await rounds.round(number);
      onProgress?.(number);
    }
    const time = performance.now() - begin;
    const found = (await outages?.found()) ?? 0;
    const { wrong, judged, made } = rounds;
    return { wrong, rounds: number, judged, made, time, found, killed: outages?.count.killed ?? 0 };
  } finally {
    await outages?.end();
    for (const side of sides) side.close();
    await elsewhere.close();
    await site.stop();
  }
}
