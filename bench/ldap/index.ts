/**
 * Users in a directory: sign-in, the first and the second list, and `mapping_populate`, ours and Keystone's in one run on
 * the same OpenLDAP server. The first list makes the public ids of all users, the second finds them.
 *
 * Run: `npm run bench -- ldap [--built] [--listed 10000] [--people 100000]`. Exit status 1 when a mark is missed.
 */
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { referenceMissing } from '../../test/support/reference/keystone.js';
import { type RunningSlapd, slapd, startSlapd } from '../../test/support/services/slapd.js';
import { passwordOf } from '../../test/support/services/slapd_trees.js';
import { addDomain, type Contender, send, startOurs, startReal } from './contenders.js';

const { values: options } = parseArgs({
  options: {
    built: { type: 'boolean', default: false },
    listed: { type: 'string', default: '10000' },
    people: { type: 'string', default: '100000' },
  },
});
const LISTED = Number(options.listed);
const PEOPLE = Number(options.people);
/** Domains whose first list is taken, and lists that follow each. */
const ROUNDS = 3;
const SIGN_INS = 40;

/** How many times as fast as the real one ours must be; null where nothing was promised. */
const MARKS = { 'sign-in': null, 'first list': 10, 'second list': null, mapping_populate: 20 } as const;
type Row = keyof typeof MARKS;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[times.length >> 1] ?? Number.NaN;
}

async function list(contender: Contender, domainId: string): Promise<void> {
  const { users } = JSON.parse(await send(contender, 'GET', `/v3/users?domain_id=${domainId}`)) as {
    users: unknown[];
  };
  if (users.length !== LISTED) throw new Error(`${contender.name} lists ${users.length} users`);
}

async function signIn(contender: Contender, domainId: string, name: string): Promise<void> {
  const user = { name, domain: { id: domainId }, password: passwordOf(name) };
  await send(contender, 'POST', '/v3/auth/tokens', {
    auth: { identity: { methods: ['password'], password: { user } } },
  });
}

async function measure(
  contender: Contender,
  small: string,
  large: string,
): Promise<Readonly<Record<Row, number>>> {
  const first: number[] = [];
  const second: number[] = [];
  const signIns: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const domainId = await addDomain(contender, `listed-${round}`, small);
    first.push(await timed(() => list(contender, domainId)));
    second.push(await timed(() => list(contender, domainId)));
    for (let number = 0; number < SIGN_INS; number += 1) {
      const name = `p${String(number * ROUNDS + round).padStart(6, '0')}`;
      signIns.push(await timed(() => signIn(contender, domainId, name)));
    }
  }
  await addDomain(contender, 'people', large);
  const populate = await timed(() => contender.manage('mapping_populate', '--domain-name', 'people'));
  return {
    'sign-in': median(signIns),
    'first list': median(first),
    'second list': median(second),
    mapping_populate: populate,
  };
}

async function main(): Promise<boolean> {
  const missing = referenceMissing({ caching: true }) ?? slapd.missing();
  if (missing !== null) throw new Error(missing);
  const root = fileURLToPath(new URL('../..', import.meta.url));
  if (!options.built) execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  const folder = await mkdtemp(join(tmpdir(), 'keystone-bench-ldap-'));
  // The account of the directory server has to get through.
  await chmod(folder, 0o755);
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const directory = async (name: string, people: number): Promise<string> => {
    const own = await mkdtemp(join(folder, name));
    const running: RunningSlapd = await startSlapd(own, { people });
    stops.push(() => running.stop());
    return running.address;
  };
  try {
    const small = await directory('small-', LISTED);
    const large = await directory('large-', PEOPLE);
    const results: Readonly<Record<Row, number>>[] = [];
    for (const start of [startOurs, startReal]) {
      const contender = await start();
      stops.push(() => contender.stop());
      results.push(await measure(contender, small, large));
    }
    const [ours, real] = results;
    say(`${LISTED} users listed, ${PEOPLE} populated        ours         real   faster    mark`);
    let met = true;
    for (const row of Object.keys(MARKS) as Row[]) {
      const [one = Number.NaN, other = Number.NaN] = [ours?.[row], real?.[row]];
      const mark = MARKS[row];
      const isMet = mark === null || other / one >= mark;
      met &&= isMet;
      const columns = [
        row.padEnd(34),
        `${one.toFixed(1)} ms`.padStart(12),
        `${other.toFixed(1)} ms`.padStart(12),
        `${(other / one).toFixed(1)}x`.padStart(8),
        (mark === null ? '' : `${mark}x`).padStart(7),
        isMet ? '' : '  MISSED',
      ];
      say(columns.join(' '));
    }
    return met;
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

process.exitCode = (await main()) ? 0 : 1;
