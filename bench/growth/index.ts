/**
 * What the same operation costs in a small and in a large cloud, on SQLite and on MariaDB. It must not depend on the
 * size: the ratio of the large to the small one is at most 1.5.
 *
 * Run: `node --import tsx bench/growth/index.ts [sqlite] [mariadb]`; without a name both. Exit status 1 when a ratio
 * is higher.
 */

import { startService } from '../../test/support/services/index.js';
import { mariadb } from '../../test/support/services/mariadb.js';
import { type Cloud, createCloud, createMariadbDatabase } from './clouds.js';
import { type Operation, operations } from './operations.js';
import type { Size } from './population.js';

const SMALL: Size = { users: 1000, projects: 100, assignments: 5000 };
const LARGE: Size = { users: 100_000, projects: 10_000, assignments: 500_000 };
const HIGHEST_RATIO = 1.5;
const ROUNDS = 81;
const PER_ROUND = 25;

/** Microseconds per operation. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The same users in every round would stay in caches: each round takes others, spread over all. */
async function round(cloud: Cloud, operation: Operation, number: number): Promise<Cost> {
  const { users } = cloud.size;
  const cpu = process.cpuUsage();
  const wall = performance.now();
  for (let index = 0; index < PER_ROUND; index += 1) {
    await operation.run(cloud, ((number * PER_ROUND + index) * 7919) % users);
  }
  const elapsed = performance.now() - wall;
  const { user, system } = process.cpuUsage(cpu);
  return { wall: (elapsed * 1000) / PER_ROUND, cpu: (user + system) / PER_ROUND };
}

interface Comparison {
  readonly small: Cost;
  readonly large: Cost;
  /** Of the large to the small one. */
  readonly ratio: Cost;
}

/**
 * Medians over rounds that take turns, so that a busy machine is busy for both. The ratio is the median of the
 * ratios of neighbouring rounds.
 */
async function compare(small: Cloud, large: Cloud, operation: Operation): Promise<Comparison> {
  const rounds: { readonly small: Cost; readonly large: Cost }[] = [];
  // The first rounds prepare statements and warm the compiler, and make what the others need (tokens).
  for (let number = -ROUNDS; number < ROUNDS; number += 1) {
    const pair = {
      small: await round(small, operation, Math.abs(number)),
      large: await round(large, operation, Math.abs(number)),
    };
    if (number >= 0) rounds.push(pair);
  }
  const middle = (value: (pair: (typeof rounds)[number], kind: keyof Cost) => number): Cost => ({
    wall: median(rounds.map((pair) => value(pair, 'wall'))),
    cpu: median(rounds.map((pair) => value(pair, 'cpu'))),
  });
  return {
    small: middle((pair, kind) => pair.small[kind]),
    large: middle((pair, kind) => pair.large[kind]),
    ratio: middle((pair, kind) => pair.large[kind] / pair.small[kind]),
  };
}

function line(name: string, cells: readonly string[]): void {
  process.stdout.write(`${name.padEnd(48)}${cells.map((cell) => cell.padStart(12)).join('')}\n`);
}

/** @returns whether every ratio is low enough */
async function table(title: string, small: Cloud, large: Cloud): Promise<boolean> {
  let good = true;
  process.stdout.write(`\n${title}: µs per operation, median of ${ROUNDS} rounds of ${PER_ROUND}\n`);
  line('', ['wall small', 'wall large', 'ratio', 'CPU small', 'CPU large', 'ratio']);
  for (const operation of operations) {
    const { small: one, large: other, ratio } = await compare(small, large, operation);
    if (ratio.wall > HIGHEST_RATIO || ratio.cpu > HIGHEST_RATIO) good = false;
    const cells = (['wall', 'cpu'] as const).flatMap((kind) => [
      one[kind].toFixed(0),
      other[kind].toFixed(0),
      ratio[kind].toFixed(2),
    ]);
    line(operation.name, cells);
  }
  return good;
}

async function onSqlite(): Promise<boolean> {
  const small = await createCloud(SMALL, null);
  const large = await createCloud(LARGE, null);
  try {
    return await table('SQLite', small, large);
  } finally {
    await small.close();
    await large.close();
  }
}

async function onMariadb(): Promise<boolean> {
  const missing = mariadb.missing();
  if (missing !== null) throw new Error(missing);
  const server = await startService(mariadb);
  try {
    const small = await createCloud(SMALL, await createMariadbDatabase(server.address, 'small'));
    const large = await createCloud(LARGE, await createMariadbDatabase(server.address, 'large'));
    try {
      return await table('MariaDB', small, large);
    } finally {
      await small.close();
      await large.close();
    }
  } finally {
    await server.stop();
  }
}

const databases = { sqlite: onSqlite, mariadb: onMariadb };
const named = process.argv.slice(2).filter((name) => name in databases);
let good = true;
for (const [name, run] of Object.entries(databases)) {
  if (named.length === 0 || named.includes(name)) good = (await run()) && good;
}
process.exitCode = good ? 0 : 1;
