/**
 * Tokens against Keystone and against bare Koa: validation (one token, 1,000 in turn, tokens never seen), another
 * scope, sign-in by password, memory. All run side by side, one process each, with the same content; the real one
 * caches in memcached and runs under uwsgi.
 *
 * Run: `npm run bench -- tokens [--built]`; `--built` takes `dist` as it is. Exit status 1 when a mark is missed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { referenceMissing } from '../../test/support/reference/keystone.js';
import { freePort } from '../../test/support/services/processes.js';
import { build, type Contender, startOurs, startReal } from '../identity/contenders.js';
import { type Cost, load, type Request } from '../identity/load.js';
import { BCRYPT_ROUNDS, measurePasswords } from './passwords.js';
import { Population } from './population.js';

const ROUNDS = 5;
const PASTE = new URL('../../paste/keystone-paste.ini', import.meta.url);

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const results: boolean[] = [];

function judge(title: string, columns: readonly string[], isMet: boolean): void {
  results.push(isMet);
  say([title.padEnd(40), ...columns.map((column) => column.padStart(12)), isMet ? '' : '  MISSED'].join(' '));
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
const middle = (costs: readonly Cost[]): Cost => ({
  cpu: median(costs.map(({ cpu }) => cpu)),
  rate: median(costs.map(({ rate }) => rate)),
});

/** What one side is asked in a round; asked for anew each time. */
interface Side {
  readonly server: { readonly url: string; readonly pid: number };
  readonly requests: () => Promise<readonly Request[]>;
  readonly count: number;
}

/** Both in turns, so that whatever else the machine does strikes both. */
async function compare(one: Side, other: Side): Promise<readonly [Cost, Cost]> {
  const costs: readonly [Cost[], Cost[]] = [[], []];
  // The first round fills caches and warms the compiler.
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [number, side] of [one, other].entries()) {
      const cost = await load(side.server, await side.requests(), side.count);
      if (round >= 0) costs[number]?.push(cost);
    }
  }
  return [middle(costs[0]), middle(costs[1])];
}

function showRatio(title: string, [ours, real]: readonly [Cost, Cost], mark: number): void {
  judge(
    title,
    [
      `${ours.cpu.toFixed(0)} µs`,
      `${real.cpu.toFixed(0)} µs`,
      `1/${(real.cpu / ours.cpu).toFixed(1)}`,
      `1/${mark}`,
    ],
    ours.cpu * mark <= real.cpu,
  );
}

const always =
  (requests: readonly Request[]): (() => Promise<readonly Request[]>) =>
  () =>
    Promise.resolve(requests);

async function againstKeystone(ours: Contender, real: Contender, uncached: Contender): Promise<Request> {
  const [here, there, bare] = [
    await Population.make(ours),
    await Population.make(real),
    await Population.make(uncached),
  ];
  const [many, theirs] = [await here.validations(1000), await there.validations(1000)];
  const [one] = many;
  if (one === undefined) throw new Error('no token');
  const side = (server: Contender, requests: readonly Request[], count: number): Side => ({
    server,
    requests: always(requests),
    count,
  });
  say(`${'CPU time per request'.padEnd(40)}         ours         real        ratio         mark`);
  showRatio(
    'validate one token',
    await compare(side(ours, [one], 6000), side(real, theirs.slice(0, 1), 100)),
    100,
  );
  showRatio(
    'validate 1,000 tokens in turn',
    await compare(side(ours, many, 6000), side(real, theirs, 300)),
    100,
  );
  const fresh = (server: Contender, population: Population, count: number): Side => ({
    server,
    requests: () => population.validations(count),
    count,
  });
  showRatio(
    'validate tokens never seen before',
    await compare(fresh(ours, here, 1500), fresh(real, there, 60)),
    30,
  );
  showRatio(
    'validate, real one without memcached',
    await compare(side(ours, [one], 6000), side(uncached, await bare.validations(1), 12)),
    100,
  );
  showRatio(
    'token for another scope',
    await compare(side(ours, [here.rescope()], 2000), side(real, [there.rescope()], 150)),
    15,
  );
  return one;
}

/** How many filters stand before the application of API v3. */
async function filterCount(): Promise<number> {
  const section = /^\[pipeline:api_v3\]\s+pipeline = ([^[]+)/m.exec(await readFile(PASTE, 'utf8'))?.[1] ?? '';
  return section.trim().split(/\s+/).length - 1;
}

async function againstBareKoa(ours: Contender, validation: Request): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-bare-'));
  const answer = await fetch(`${ours.url}${validation.path}`, { headers: validation.headers });
  await writeFile(join(folder, 'body'), Buffer.from(await answer.arrayBuffer()));
  const port = await freePort();
  const script = join(import.meta.dirname, 'bare_koa.ts');
  const args = ['--import', 'tsx', script, String(port), String(await filterCount()), join(folder, 'body')];
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  try {
    const bare = { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0 };
    while ((await fetch(bare.url).catch(() => null)) === null) await sleep(100);
    const side = (server: Side['server']): Side => ({ server, requests: always([validation]), count: 8000 });
    const [own, koa] = await compare(side(ours), side(bare));
    const share = koa.cpu / own.cpu;
    judge(
      'throughput of one core, bare Koa = 1',
      [`${own.cpu.toFixed(0)} µs`, `${koa.cpu.toFixed(0)} µs`, share.toFixed(2), '0.60'],
      share >= 0.6,
    );
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

async function passwords(): Promise<void> {
  const conf = ['password_hash_algorithm = bcrypt', `password_hash_rounds = ${BCRYPT_ROUNDS}`];
  const ours = await startOurs([], { identity: conf });
  try {
    const population = await Population.make(ours);
    const [validation] = await population.validations(1);
    if (validation === undefined) throw new Error('no token');
    const { share, rate, idle, busy } = await measurePasswords(ours, validation, population.password());
    judge('sign-in by password, the hash alone = 1', ['', '', share.toFixed(2), '0.95'], share >= 0.95);
    say(`  per second, hashes alone = 1: ${rate.toFixed(2)}`);
    const times = [`${idle.toFixed(1)} ms`, `${busy.toFixed(1)} ms`, (busy / idle).toFixed(2), '2'];
    judge('p99 of validation idle, and meanwhile', times, busy <= 2 * idle);
  } finally {
    await ours.stop();
  }
}

/** Resident memory in MB. */
async function memory(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function main(): Promise<boolean> {
  const missing = referenceMissing({ caching: true });
  if (missing !== null) throw new Error(missing);
  if (!process.argv.includes('--built')) build();
  const contenders: Contender[] = [];
  const started = async (starting: Promise<Contender>): Promise<Contender> => {
    const contender = await starting;
    contenders.push(contender);
    return contender;
  };
  try {
    const real = await started(startReal());
    const uncached = await started(startReal({ caching: false }));
    const ours = await started(startOurs());
    const validation = await againstKeystone(ours, real, uncached);
    const sizes = [await memory(ours.pid), await memory(real.pid)] as const;
    judge(
      'resident memory',
      [...sizes.map((size) => `${size.toFixed(0)} MB`), (sizes[0] / sizes[1]).toFixed(2), '1'],
      sizes[0] <= sizes[1],
    );
    await againstBareKoa(ours, validation);
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()));
  }
  await passwords();
  return results.every(Boolean);
}

process.exitCode = (await main()) ? 0 : 1;
