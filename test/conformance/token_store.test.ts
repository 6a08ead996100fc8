/** One suite for all stores of tokens: SQL on three databases, memcached with and without a pool, and the process. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ServiceUnavailable } from '../../src/common/errors.js';
import { HealthChecks } from '../../src/common/health.js';
import type { Database } from '../../src/common/sql/index.js';
import { type Conf, loadConf } from '../../src/conf/index.js';
import { createDriver as createSql } from '../../src/subsystems/token/backends/sql.js';
import { openTokenStore, type TokenStore } from '../../src/subsystems/token/store.js';
import { rejection } from '../support/rejection.js';
import { figuresOf } from '../support/services/memcached_figures.js';
import { type OwnMemcached, ownMemcached } from '../support/services/own_memcached.js';
import { onEveryDatabase } from './databases.js';
import { newToken, tokenStoreSuite } from './token_store.js';

const HOME = { HOME: tmpdir() };

type Overrides = Readonly<Record<string, Readonly<Record<string, string>>>>;

function confWith(overrides: Overrides): Conf {
  return loadConf({ sources: [], env: HOME, overrides }).conf;
}

/** Stores that have no database. */
const NO_DATABASE = null as unknown as Database;

/** @param open opens the store with options of `[memcache]` */
function listsAll(
  serverOf: () => OwnMemcached,
  open: (options: Readonly<Record<string, string>>) => Promise<TokenStore>,
): void {
  it('lists every token that it made invalid, also when one of its servers was silent meanwhile', async function silent() {
    this.timeout(240_000);
    const second = await ownMemcached(this);
    try {
      const servers = `${serverOf().address},${second.address}`;
      // A silent server has to be given up soon; all else may take as long as it takes.
      const own = await open({ servers, socket_timeout: '3' });
      const patient = await open({ servers, socket_timeout: '60' });
      const tokens = Array.from({ length: 24 }, () => newToken());
      for (const token of tokens) await patient.create(token);
      await second.signal('SIGSTOP');
      const tried = await Promise.allSettled(tokens.map(({ id }) => own.invalidate(id)));
      await second.signal('SIGCONT');
      expect(tried.some(({ status }) => status === 'rejected')).to.equal(true);
      const until = Date.now() + 120_000;
      for (const { id } of tokens.filter((_, n) => tried[n]?.status === 'rejected')) {
        for (;;) {
          try {
            await own.invalidate(id);
            break;
          } catch (error) {
            if (!(error instanceof ServiceUnavailable) || Date.now() > until) throw error;
            await sleep(50);
          }
        }
      }
      const ids = tokens.map(({ id }) => id);
      const listed = (await patient.listRevoked()).map(({ id }) => id).filter((id) => ids.includes(id));
      expect(listed).to.have.members(ids);
      for (const id of ids) expect((await rejection(patient.read(id))).name).to.equal('TokenNotFound');
    } finally {
      await second.signal('SIGCONT');
      await second.kill();
    }
  });
}

/** @param open as in `listsAll` */
function keepsToPool(open: (options: Readonly<Record<string, string>>) => Promise<TokenStore>): void {
  it('has as many connections as [memcache] says, waits for one as long, and closes what it does not use', async function pool() {
    this.timeout(240_000);
    const own = await ownMemcached(this);
    const figures = await figuresOf(own.address);
    try {
      await figures.alone();
      const before = await figures.connections();
      const servers = own.address;
      // A connection that is given up is counted until the server has seen it: here none is.
      const two = await open({ servers, pool_maxsize: '2', socket_timeout: '60' });
      const tokens = Array.from({ length: 100 }, () => newToken());
      const storing = Promise.all(tokens.map((token) => two.create(token)));
      expect((await figures.connections()).now).to.be.at.most(2);
      await storing;
      const { now, ever } = await figures.connections();
      expect(ever - before.ever).to.be.within(1, 2);
      expect(now).to.be.within(1, 2);

      const brief = await open({ servers, pool_unused_timeout: '1' });
      await Promise.allSettled([brief.read('0'.repeat(32))]);
      expect((await figures.connections()).ever).to.be.above(ever);
      while ((await figures.connections()).now > now) await sleep(50);

      const one = await open({ servers, pool_maxsize: '1', pool_connection_get_timeout: '1' });
      await rejection(one.read('0'.repeat(32)));
      await own.signal('SIGSTOP');
      const first = rejection(one.read('0'.repeat(32)));
      const second = await rejection(one.read('1'.repeat(32)));
      await own.signal('SIGCONT');
      expect(second).to.be.instanceOf(ServiceUnavailable);
      expect((second as { detail?: string }).detail).to.contain('no connection came free within 1000 ms');
      expect((await first).name).to.equal('TokenNotFound');
    } finally {
      await own.signal('SIGCONT');
      figures.close();
      await own.kill();
    }
  });
}

describe('token stores', function limited() {
  this.timeout(120_000);
  describe('sql', () => {
    onEveryDatabase((databaseOf) => {
      const { conf } = loadConf({ sources: [], env: HOME });
      tokenStoreSuite(() => createSql({ conf, database: databaseOf(), keys: new Map() }));
    });
  });

  describe('kvs', () => {
    let store: TokenStore;
    before(async () => {
      store = await openTokenStore({
        conf: confWith({ token: { driver: 'kvs' } }),
        database: NO_DATABASE,
        keys: new Map(),
      });
    });
    tokenStoreSuite(() => store);
  });

  for (const driver of ['memcache', 'memcache_pool']) {
    describe(driver, () => {
      let server: OwnMemcached;
      let health: HealthChecks;
      let store: TokenStore;
      const closing: (() => void)[] = [];
      const open = async (options: Readonly<Record<string, string>> = {}): Promise<TokenStore> => {
        health = new HealthChecks();
        const memcache = { servers: server.address, socket_timeout: '30', dead_retry: '1', ...options };
        return openTokenStore({
          conf: confWith({ token: { driver }, memcache }),
          database: NO_DATABASE,
          keys: new Map(),
          health,
          onClose: (step) => void closing.push(step),
        });
      };

      before(async function start() {
        this.timeout(120_000);
        server = await ownMemcached(this);
        store = await open();
      });
      after(async () => {
        for (const close of closing) close();
        await server?.kill();
      });

      tokenStoreSuite(() => store);

      it('shows tokens to every process', async () => {
        const other = await open({ pool_maxsize: '1' });
        const token = newToken({ project: 'p1' });
        await store.create(token);
        expect(await other.read(token.id)).to.deep.equal(token.facts);
        await other.invalidate(token.id);
        expect((await rejection(store.read(token.id))).name).to.equal('TokenNotFound');
      });

      it('does not get in its own way when a user signs in many times at once', async () => {
        const figures = await figuresOf(server.address);
        try {
          const before = await figures.conflicts();
          const user = randomUUID().replaceAll('-', '');
          const tokens = Array.from({ length: 300 }, () => newToken({ user }));
          await Promise.all(tokens.map((token) => store.create(token)));
          expect((await figures.conflicts()) - before).to.equal(0);
          await store.invalidateMatching({ userId: user });
          const listed = new Set((await store.listRevoked()).map(({ id }) => id));
          expect(tokens.filter(({ id }) => !listed.has(id))).to.deep.equal([]);
        } finally {
          figures.close();
        }
      });

      it('answers that it is not available, and not that there is no such token, while it is down', async function down() {
        this.timeout(120_000);
        const own = await open();
        await server.kill();
        try {
          for (let turn = 0; turn < 3; turn += 1) {
            const error = await rejection(own.read('0123456789abcdef0123456789abcdef'));
            expect(error).to.be.instanceOf(ServiceUnavailable);
            expect((error as { detail?: string }).detail).to.contain('store of tokens (memcached)');
          }
          const [check] = health.checks();
          expect(check).to.include({ name: 'token_store', required: true });
          await rejection(check?.check() ?? Promise.resolve());
          expect(JSON.stringify(health.states())).to.contain('"up":false');
        } finally {
          await server.start();
        }
        for (let turn = 0; JSON.stringify(health.states()).includes('"up":false'); turn += 1) {
          if (turn === 2400) throw new Error('it never came back');
          await sleep(25);
        }
        expect((await rejection(own.read('0123456789abcdef0123456789abcdef'))).name).to.equal(
          'TokenNotFound',
        );
      });

      if (driver === 'memcache') listsAll(() => server, open);
      else keepsToPool(open);

      it('names the option when servers cannot be read', async () => {
        expect(String(await rejection(open({ servers: 'unix:/run/memcached' })))).to.contain(
          '[memcache] servers: unix:/run/memcached',
        );
      });
    });
  }

  it('are named when the one that is configured does not exist', async () => {
    const conf = confWith({ token: { driver: 'mongo' } });
    const error = await rejection(openTokenStore({ conf, database: NO_DATABASE, keys: new Map() }));
    expect(error.message)
      .to.contain('[token] driver = mongo')
      .and.contain('kvs, memcache, memcache_pool, sql');
  });
});
