/**
 * Random changes through one process, validation through the other: every validation that begins after a change was
 * answered has to know of it, also while others go on all the time.
 */
import { openDatabase } from '../../../src/common/sql/index.js';
import type { RunningService } from '../services/types.js';
import { Api } from './api.js';
import { CHANGES, type Change, type Expectation, type Subject, type World } from './changes.js';
import { startSite } from './processes.js';

export interface StalenessOptions {
  /** SQLAlchemy URL of an empty database; null: a SQLite file. */
  readonly database: string | null;
  readonly rounds: number;
  readonly seed: number;
  /** `[token] provider` */
  readonly provider?: 'fernet' | 'uuid';
  /** A cache that both processes share; restarted now and then. */
  readonly memcached?: RunningService;
  readonly onProgress?: (round: number) => void;
}

export interface StalenessReport {
  /** Answers that began after a change and did not know of it, in words. */
  readonly wrong: readonly string[];
  /** Validations that were judged. */
  readonly judged: number;
  /** How often each change was made. */
  readonly made: ReadonlyMap<string, number>;
}

/** Users made at a time, ahead of the rounds. */
const BATCH = 20;
/** Validations that go on beside each change. */
const BESIDE = 2;
const RESTART_EVERY = 50;
const MEMCACHED_PAUSE = 300;

/** A sequence that depends on nothing but the seed: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Rounds {
  readonly wrong: string[] = [];
  readonly made = new Map<string, number>();
  judged = 0;
  private readonly random: () => number;
  private readonly ready: Subject[] = [];
  private subjects = 0;

  constructor(
    private readonly sides: readonly [Api, Api],
    private readonly world: World,
    seed: number,
  ) {
    this.random = randomOf(seed);
  }

  async round(number: number): Promise<void> {
    // Each process changes and validates in turn.
    const [changing, validating] = this.random() < 0.5 ? this.sides : this.sides.toReversed();
    if (changing === undefined || validating === undefined) return;
    if (this.ready.length === 0) await this.prepare(changing);
    const subject = this.ready.pop() as Subject;
    const suitable = CHANGES.filter(({ suits }) => suits(subject));
    const change = suitable[Math.floor(this.random() * suitable.length)] as Change;
    this.made.set(change.name, (this.made.get(change.name) ?? 0) + 1);
    // From here on it is kept.
    for (let time = 0; time < 2; time += 1)
      await this.judge(validating, subject, () => true, `${number}: before`);

    const over = new AbortController();
    const beside = Array.from({ length: BESIDE }, async () => {
      // One that began before the change may say either.
      while (!over.signal.aborted) await validating.validate(subject.token);
    });
    let expected: Expectation;
    try {
      expected = await change.make(changing, subject, this.world, number);
    } finally {
      over.abort();
    }
    const what = `${number}: ${change.name}`;
    await this.judge(validating, subject, expected, what);
    await Promise.all(beside);
    await this.judge(validating, subject, expected, `${what}, again`);
    await this.judge(changing, subject, expected, `${what}, the one that changed`);
  }

  private async judge(api: Api, subject: Subject, expected: Expectation, what: string): Promise<void> {
    const answer = await api.validate(subject.token);
    this.judged += 1;
    const isRight = expected === 'gone' ? answer.status === 404 : answer.status === 200 && expected(answer);
    if (!isRight)
      this.wrong.push(`${what}: status ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
  }

  private async prepare(api: Api): Promise<void> {
    const made = Array.from({ length: BATCH }, (_, n) => this.makeSubject(api, (this.subjects += 1), n % 3));
    this.ready.push(...(await Promise.all(made)));
  }

  private async makeSubject(api: Api, number: number, kind: number): Promise<Subject> {
    const { roleId } = this.world;
    const password = `secret-${number}`;
    const [userId, projectId, groupId] = await Promise.all([
      api.create('user', { name: `user-${number}`, password }),
      api.create('project', { name: `project-${number}` }),
      kind === 1 ? api.create('group', { name: `group-${number}` }) : null,
    ]);
    if (groupId === null) {
      await api.done('PUT', `/projects/${projectId}/users/${userId}/roles/${roleId}`);
    } else {
      await api.done('PUT', `/projects/${projectId}/groups/${groupId}/roles/${roleId}`);
      await api.done('PUT', `/groups/${groupId}/users/${userId}`);
    }
    const identity = { methods: ['password'], password: { user: { id: userId, password } } };
    const { subjectToken } = await api.issue(identity, { project: { id: projectId } });
    const subject = { userId, password, groupId, projectId, trustId: null, token: subjectToken };
    return kind === 2 ? this.withTrust(api, subject, number) : subject;
  }

  /** The user's trust to another one, and the other one's token by it. */
  private async withTrust(api: Api, subject: Subject, number: number): Promise<Subject> {
    const [name, password] = [`trustee-${number}`, `secret-${number}`];
    const trustee = await api.create('user', { name, password });
    const trust = {
      trustor_user_id: subject.userId,
      trustee_user_id: trustee,
      project_id: subject.projectId,
      impersonation: true,
      roles: [{ id: this.world.roleId }],
    };
    const made = await api.done('POST', '/OS-TRUST/trusts', { trust }, { 'X-Auth-Token': subject.token });
    const trustId = String(made.body['trust']?.['id']);
    const identity = { methods: ['password'], password: { user: { id: trustee, password } } };
    const { subjectToken } = await api.issue(identity, { 'OS-TRUST:trust': { id: trustId } });
    return { ...subject, trustId, token: subjectToken };
  }
}

const cacheConf = (memcached: RunningService | undefined): Readonly<Record<string, readonly string[]>> =>
  memcached === undefined
    ? {}
    : {
        cache: [
          'enabled = true',
          'backend = dogpile.cache.memcached',
          `memcache_servers = ${memcached.address}`,
          'memcache_dead_retry = 1',
        ],
      };

export async function checkStaleness(options: StalenessOptions): Promise<StalenessReport> {
  const { database, rounds: count, seed, provider = 'fernet', memcached, onProgress } = options;
  const site = await startSite(2, database, { ...cacheConf(memcached), token: [`provider = ${provider}`] });
  const url = database ?? `sqlite:///${site.deployment.path('keystone.db')}`;
  const elsewhere = await openDatabase({ url, options: { max_retries: 0 } });
  try {
    const [one, two] = site.urls.map((each) => new Api(each));
    if (one === undefined || two === undefined) throw new Error('two processes are needed');
    await Promise.all([one.signIn(), two.signIn()]);
    const [roleId, otherRoleId, service] = await Promise.all([
      one.create('role', { name: 'member-role' }),
      one.create('role', { name: 'other-role' }),
      one.create('service', { name: 'compute', type: 'compute' }),
    ]);
    const endpoint = { service_id: service, interface: 'public', url: 'http://first' };
    const endpointId = await one.create('endpoint', endpoint);
    const rounds = new Rounds([one, two], { roleId, otherRoleId, endpointId, database: elsewhere }, seed);
    for (let number = 1; number <= count; number += 1) {
      // It dies and comes back while rounds go on.
      if (memcached !== undefined && number % RESTART_EVERY === 0) {
        const restarted = memcached.restart(MEMCACHED_PAUSE);
        await rounds.round(number);
        await restarted;
      } else {
        await rounds.round(number);
      }
      onProgress?.(number);
    }
    return rounds;
  } finally {
    await elsewhere.close();
    await site.stop();
  }
}
