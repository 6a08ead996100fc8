/**
 * Keystone against ours, CPU time and rate per request: validation of a token, a token for another scope, a list of
 * 200 users. Both run side by side, one process each, with the same content and the same settings of hashes; the real
 * one caches in memcached and runs under uwsgi.
 *
 * Run: `npm run bench -- identity [--built]`; `--built` takes `dist` as it is. Exit status 1 when a mark is missed.
 */
import { referenceMissing } from '../../test/support/reference/keystone.js';
import { build, type Contender, startOurs, startReal } from './contenders.js';
import { type Cost, load } from './load.js';
import { populate, type Workloads } from './population.js';

type Workload = keyof Workloads;

interface Plan {
  readonly title: string;
  /** The CPU time of ours may be at most this part of the real one's. */
  readonly mark: number;
  /** Requests of a round, ours and theirs: about as long for both. */
  readonly counts: readonly [number, number];
}

const PLANS: Readonly<Record<Workload, Plan>> = {
  validate: { title: 'validate a token', mark: 1 / 20, counts: [3000, 150] },
  rescope: { title: 'token for another scope', mark: 1 / 10, counts: [2000, 150] },
  list: { title: 'list 200 users', mark: 1 / 10, counts: [600, 30] },
};
const ROUNDS = 5;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function middle(costs: readonly Cost[]): Cost {
  const median = (values: readonly number[]): number =>
    values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
  return { cpu: median(costs.map(({ cpu }) => cpu)), rate: median(costs.map(({ rate }) => rate)) };
}

/** Both in turns, so that whatever else the machine does strikes both. */
async function compare(
  contenders: readonly [Contender, Contender],
  workloads: readonly [Workloads, Workloads],
  workload: Workload,
): Promise<readonly [Cost, Cost]> {
  const costs: readonly [Cost[], Cost[]] = [[], []];
  // The first round fills caches and warms the compiler.
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const side of [0, 1] as const) {
      const cost = await load(contenders[side], workloads[side][workload], PLANS[workload].counts[side]);
      if (round >= 0) costs[side].push(cost);
    }
  }
  return [middle(costs[0]), middle(costs[1])];
}

function show(title: string, [ours, real]: readonly [Cost, Cost], mark: number): boolean {
  const ratio = real.cpu / ours.cpu;
  const met = ours.cpu / real.cpu <= mark;
  const columns = [
    title.padEnd(26),
    `${ours.cpu.toFixed(0)} µs`.padStart(10),
    `${real.cpu.toFixed(0)} µs`.padStart(10),
    `1/${ratio.toFixed(1)}`.padStart(9),
    `1/${(1 / mark).toFixed(0)}`.padStart(7),
    ours.rate.toFixed(0).padStart(9),
    real.rate.toFixed(0).padStart(9),
    met ? '' : '  MISSED',
  ];
  say(columns.join(' '));
  return met;
}

async function main(): Promise<boolean> {
  const missing = referenceMissing({ caching: true });
  if (missing !== null) throw new Error(missing);
  if (!process.argv.includes('--built')) build();
  const contenders: Contender[] = [];
  try {
    const real = await startReal();
    contenders.push(real);
    const ours = await startOurs();
    contenders.push(ours);
    const workloads = [await populate(ours), await populate(real)] as const;
    say('CPU time per request          ours       real     ratio    mark   ours /s   real /s');
    let met = true;
    for (const workload of Object.keys(PLANS) as Workload[]) {
      const costs = await compare([ours, real], workloads, workload);
      met = show(PLANS[workload].title, costs, PLANS[workload].mark) && met;
    }
    return met;
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()));
  }
}

process.exitCode = (await main()) ? 0 : 1;
