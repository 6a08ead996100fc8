/**
 * Kept tokens and answers are never stale: two processes on one database, random changes through one, validation
 * through the other at once, each answer compared with what is true.
 *
 * Run: `npm run bench -- staleness [sqlite] [mariadb] [postgres] [--rounds N] [--seed N] [--provider fernet|uuid]
 * [--memcached none|running|killed|all]`; unless told otherwise all databases, each without memcached, with it, and
 * with one that is killed and started again all the time, and 10,000 rounds of each. A wrong answer is printed with
 * the seed, with which the same changes are made again. Exit status 1 when an answer was wrong.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { openDatabase, prepareSql } from '../../src/common/sql/index.js';
import { services, startService } from '../../test/support/services/index.js';
import { runMemcached } from '../../test/support/services/own_memcached.js';
import { findProgram } from '../../test/support/services/processes.js';
import type { RunningService } from '../../test/support/services/types.js';
import { checkStaleness, type StalenessReport } from '../../test/support/staleness/run.js';

const DATABASES = ['sqlite', 'mariadb', 'postgres'] as const;
const CACHES = ['none', 'running', 'killed'] as const;
const PROVIDERS = ['fernet', 'uuid'] as const;
const PROGRESS = 1000;
/** More of them say no more. */
const MOST_WRONG = 20;

interface Plan {
  readonly database: (typeof DATABASES)[number];
  readonly cache: (typeof CACHES)[number];
  readonly provider: (typeof PROVIDERS)[number];
  readonly rounds: number;
  readonly seed: number;
}

/** Ctrl-C: what was found until then is told. */
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function emptyOn(server: RunningService): Promise<string> {
  const connection = await openDatabase({ url: server.address });
  await connection.execute(prepareSql({ text: 'CREATE DATABASE staleness', once: true }));
  await connection.close();
  return server.address.replace(/\/[^/]*$/, '/staleness');
}

async function startMemcached(): ReturnType<typeof runMemcached> {
  const program = findProgram('memcached');
  if (program === null) throw new Error('memcached is not installed');
  return runMemcached(program);
}

async function check({ database, cache, provider, rounds, seed }: Plan): Promise<StalenessReport> {
  const server = database === 'sqlite' ? null : await startService(services[database]);
  const memcached = cache === 'none' ? undefined : await startMemcached();
  let told = 0;
  try {
    return await checkStaleness({
      database: server === null ? null : await emptyOn(server),
      provider,
      rounds,
      seed,
      memcached,
      outages: cache === 'killed',
      signal: stop.signal,
      onProgress: (round) => void (round % PROGRESS === 0 && say(`  ${round} rounds`)),
      onWrong: (text) => void ((told += 1) <= MOST_WRONG && say(`  WRONG ${text}`)),
    });
  } finally {
    await memcached?.kill();
    await server?.stop();
  }
}

function one<const Names extends readonly string[]>(
  option: string,
  name: string,
  names: Names,
): Names[number] {
  if (!names.includes(name)) throw new Error(`${option} ${name}: valid are ${names.join(', ')}`);
  return name;
}

function plans(): Plan[] {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '10000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      provider: { type: 'string', default: 'fernet' },
      memcached: { type: 'string', default: 'all' },
    },
  });
  const databases =
    positionals.length === 0 ? DATABASES : positionals.map((name) => one('database', name, DATABASES));
  const caches = values.memcached === 'all' ? CACHES : [one('--memcached', values.memcached, CACHES)];
  const provider = one('--provider', values.provider, PROVIDERS);
  const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
  return databases.flatMap((database) =>
    caches.map((cache) => ({ database, cache, provider, rounds, seed })),
  );
}

const COLUMNS = [
  'database',
  'memcached',
  'tokens',
  'rounds',
  'seconds',
  'answers',
  'found',
  'killed',
  'wrong',
];
const row = (cells: readonly unknown[]): string => cells.map((cell) => String(cell).padStart(9)).join(' ');

async function main(): Promise<boolean> {
  const rows: string[] = [];
  let isTrue = true;
  for (const plan of plans()) {
    if (stop.signal.aborted) break;
    const { database, cache, provider, seed } = plan;
    say(`${database}, memcached ${cache}, ${provider} tokens, seed ${seed}`);
    const report = await check(plan);
    for (const [change, times] of report.made) say(`  ${String(times).padStart(5)} ${change}`);
    const seconds = Math.round(report.time / 1000);
    const figures = [seconds, report.judged, report.found, report.killed, report.wrong.length];
    rows.push(row([database, cache, provider, report.rounds, ...figures]));
    isTrue &&= report.wrong.length === 0;
  }
  for (const line of [row(COLUMNS), ...rows]) say(line);
  return isTrue;
}

process.exitCode = (await main()) ? 0 : 1;
