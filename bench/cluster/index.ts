/**
 * Clusters behind Apache: 1 and 2 workers of ours under PM2, and the real Keystone with 1 and 2 processes under uwsgi.
 * The same Apache, MariaDB, memcached, content and load for all, in turns of one run; counted is the CPU time of all
 * processes of a service (with PM2 and the master of uwsgi, without Apache and MariaDB) and the requests per second.
 *
 * Run: `npm run bench -- cluster`. Exit status 1 when a mark is missed.
 */
import { install } from '../../test/support/installation.js';
import { referenceMissing } from '../../test/support/reference/keystone.js';
import { apacheMissing, startApache } from '../../test/support/services/apache.js';
import { startService } from '../../test/support/services/index.js';
import { mariadb } from '../../test/support/services/mariadb.js';
import { memcached } from '../../test/support/services/memcached.js';
import { pm2Missing } from '../../test/support/services/pm2.js';
import { freePort } from '../../test/support/services/processes.js';
import { type Cost, load } from '../identity/load.js';
import { populate, type Workloads } from '../identity/population.js';
import { type Contender, startOurs, startReal } from './contenders.js';

type Workload = keyof Workloads;

interface Plan {
  readonly title: string;
  /** A request of the real one costs at least so many times the CPU time of ours, with as many workers. */
  readonly mark: number;
  /** Requests of a round, ours and theirs: about as long for both. */
  readonly counts: readonly [ours: number, real: number];
}

const PLANS: Readonly<Record<Workload, Plan>> = {
  validate: { title: 'validate a token', mark: 10, counts: [1500, 120] },
  rescope: { title: 'token for another scope', mark: 3, counts: [800, 100] },
  list: { title: 'list 200 users', mark: 5, counts: [300, 24] },
};
const ROUNDS = 3;
const WORKERS = [1, 2] as const;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function middle(costs: readonly Cost[]): Cost {
  const median = (values: readonly number[]): number =>
    values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
  return { cpu: median(costs.map(({ cpu }) => cpu)), rate: median(costs.map(({ rate }) => rate)) };
}

/** A contender as the load meets it. */
interface Entrant {
  readonly contender: Contender;
  readonly isOurs: boolean;
  readonly url: string;
  readonly workloads: Workloads;
}

async function measure(entrants: readonly Entrant[], workload: Workload): Promise<Map<Entrant, Cost>> {
  const costs = new Map<Entrant, Cost[]>(entrants.map((entrant) => [entrant, []]));
  // The first round fills caches and warms the compilers, each worker's own.
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const entrant of entrants) {
      const [pid = 0, ...otherPids] = entrant.contender.pids;
      const { workers } = entrant.contender;
      const warming = entrant.isOurs ? 2 * workers : 0.5;
      const count = PLANS[workload].counts[entrant.isOurs ? 0 : 1] * (round < 0 ? warming : 1);
      const cost = await load({ url: entrant.url, pid, otherPids }, entrant.workloads[workload], count);
      if (round >= 0) costs.get(entrant)?.push(cost);
    }
  }
  return new Map([...costs].map(([entrant, all]) => [entrant, middle(all)]));
}

function show(title: string, costs: ReadonlyMap<Entrant, Cost>, mark: number): boolean {
  let met = true;
  for (const workers of WORKERS) {
    const cost = (isOurs: boolean): Cost =>
      [...costs].find(([each]) => each.isOurs === isOurs && each.contender.workers === workers)?.[1] ?? {
        cpu: Number.NaN,
        rate: Number.NaN,
      };
    const [ours, real] = [cost(true), cost(false)];
    const ratio = real.cpu / ours.cpu;
    const isMet = ratio >= mark;
    met &&= isMet;
    const columns = [
      title.padEnd(24),
      String(workers).padStart(7),
      `${ours.cpu.toFixed(0)} µs`.padStart(10),
      `${real.cpu.toFixed(0)} µs`.padStart(10),
      `${ratio.toFixed(1)}x`.padStart(8),
      `${mark}x`.padStart(5),
      ours.rate.toFixed(0).padStart(9),
      real.rate.toFixed(0).padStart(9),
      `${(ours.rate / real.rate).toFixed(1)}x`.padStart(7),
      isMet ? '' : '  MISSED',
    ];
    say(columns.join(' '));
  }
  return met;
}

async function main(): Promise<boolean> {
  const missing = [
    referenceMissing({ caching: true }),
    apacheMissing(),
    pm2Missing(),
    mariadb.missing(),
  ].find((each) => each !== null);
  if (missing !== undefined) throw new Error(missing ?? '');
  const stops: (() => Promise<void>)[] = [];
  try {
    const installation = await install();
    stops.push(() => installation.remove());
    const database = await startService(mariadb);
    stops.push(() => database.stop());
    const cache = await startService(memcached);
    stops.push(() => cache.stop());
    const site = { database: database.address, cache: cache.address };
    const contenders: Contender[] = [];
    for (const workers of WORKERS) {
      for (const start of [() => startOurs(site, installation, workers), () => startReal(site, workers)]) {
        const contender = await start();
        stops.push(() => contender.stop());
        contenders.push(contender);
      }
    }
    const ports = await Promise.all(contenders.map(freePort));
    const lines = contenders.flatMap(({ backEnd }, position) => [
      `Define KEYSTONE_PUBLIC_BACKEND ${backEnd}`,
      `Listen 127.0.0.1:${ports[position]}`,
      `<VirtualHost *:${ports[position]}>`,
      'Include keystone-koa/public.conf',
      '</VirtualHost>',
    ]);
    const apache = await startApache({ sites: [], defines: {}, lines, port: ports[0] ?? 0 });
    stops.push(() => apache.stop());
    const entrants: Entrant[] = [];
    for (const [position, contender] of contenders.entries()) {
      const url = `http://127.0.0.1:${ports[position]}`;
      const workloads = await populate({ url, admin: contender.admin });
      entrants.push({ contender, isOurs: contender.name === 'keystone-koa', url, workloads });
    }
    say('CPU time per request     workers       ours       real    ratio  mark   ours /s   real /s   ratio');
    let met = true;
    for (const workload of Object.keys(PLANS) as Workload[])
      met = show(PLANS[workload].title, await measure(entrants, workload), PLANS[workload].mark) && met;
    return met;
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

process.exitCode = (await main()) ? 0 : 1;
