/** Backends of the cache by the names of operators, on real servers and files. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { UnavailableError } from '../../../../src/common/breaker.js';
import { BACKEND_NAMES, createBackend } from '../../../../src/common/cache/backends/index.js';
import { optionalPackage } from '../../../../src/common/cache/optional_package.js';
import type { CacheBackend, CacheOptions } from '../../../../src/common/cache/types.js';
import { loadConf } from '../../../../src/conf/index.js';
import { doorTo } from '../../../support/door.js';
import { isDoneAtOnce } from '../../../support/held_clock.js';
import { rejection } from '../../../support/rejection.js';
import { useService } from '../../../support/services/index.js';
import { leaveOutMongodb, mongodbAddress } from '../../../support/services/mongodb.js';

const DEFAULTS: CacheOptions = loadConf({ sources: [], env: { HOME: tmpdir() } }).conf.cache;

interface Place {
  readonly options: Partial<CacheOptions>;
  readonly remove?: () => Promise<void>;
}

const onMemcached =
  (backend: string, byArgument: boolean) =>
  async (context: Mocha.Context): Promise<Place> => {
    const address = await useService(context, 'memcached');
    const servers = byArgument ? { backend_argument: [`url:${address}`] } : { memcache_servers: [address] };
    return { options: { backend, ...servers } };
  };

const PLACES: Record<string, (context: Mocha.Context) => Promise<Place>> = {
  'dogpile.cache.memory': async () => ({ options: {} }),
  'dogpile.cache.memory_pickle': async () => ({ options: {} }),
  'oslo_cache.memcache_pool': onMemcached('oslo_cache.memcache_pool', false),
  'dogpile.cache.memcached': onMemcached('dogpile.cache.memcached', true),
  'dogpile.cache.pymemcache': onMemcached('dogpile.cache.pymemcache', true),
  'dogpile.cache.redis': async (context) => {
    const address = await useService(context, 'redis');
    return { options: { backend_argument: [`url:redis://${address}/3`] } };
  },
  'dogpile.cache.dbm': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keystone-dbm-'));
    return {
      options: { backend_argument: [`filename:${join(folder, 'sub', 'cache.dbm')}`] },
      remove: () => rm(folder, { recursive: true }),
    };
  },
};

if (mongodbAddress !== undefined) {
  PLACES['oslo_cache.mongo'] = async () => {
    const [database, collection] = ['keystone', `cache_${process.pid}`];
    return {
      options: {
        backend_argument: [
          `db_hosts:${mongodbAddress}`,
          `db_name:${database}`,
          `cache_collection:${collection}`,
        ],
      },
      async remove() {
        const client = new MongoClient(`mongodb://${mongodbAddress}`);
        await client.db(database).dropCollection(collection);
        await client.close();
      },
    };
  };
}

describe('backends of the cache', () => {
  if (mongodbAddress === undefined) leaveOutMongodb();
  for (const [name, makePlace] of Object.entries(PLACES)) {
    describe(name, () => {
      let place: Place;
      let cache: CacheBackend;
      const open = async (): Promise<CacheBackend> => {
        const made = await createBackend({ ...DEFAULTS, backend: name, ...place.options });
        if (made === null) throw new Error('no cache');
        return made;
      };
      /**
       * What a deadline of some milliseconds fails for on a busy machine is done again, all of it and under another
       * name: what nobody waits for any more may yet be done to this one.
       */
      const patiently = async (work: (key: string) => Promise<unknown>): Promise<void> => {
        for (let turn = 0; ; turn += 1) {
          try {
            await work(`${name}-${process.pid}-${turn}`);
            return;
          } catch (error) {
            if (!(error instanceof UnavailableError) || turn === 1000) throw error;
            await sleep(50);
          }
        }
      };

      before(async function start() {
        this.timeout(120_000);
        place = await makePlace(this);
        cache = await open();
        await patiently(() => cache.ping());
      });
      after(async () => {
        await cache?.close();
        await place?.remove?.();
      });

      it('keeps texts, gives them back and forgets them when told', async function keep() {
        this.timeout(120_000);
        const value = JSON.stringify({ name: 'Größe\r\nEND\r\n', long: 'ü'.repeat(50_000) });
        await patiently(async (key) => {
          expect(await cache.get(key)).to.equal(undefined);
          await cache.set(key, value, 60);
          expect(await cache.get(key)).to.equal(value);
          await cache.set(key, 'two', 60);
          expect(await cache.get(key)).to.equal('two');
          await cache.delete(key);
          expect(await cache.get(key)).to.equal(undefined);
        });
        // Left out when a slow machine took too long for it, it is back by itself.
        while (cache.states().some(({ up }) => !up)) await sleep(50);
      });

      it('forgets them by itself after their time', async function expire() {
        this.timeout(120_000);
        await patiently(async (key) => {
          await cache.set(`short-${key}`, 'x', 1);
          while ((await cache.get(`short-${key}`)) !== undefined) await sleep(100);
        });
      });

      // Processes share a file with each other, not one with itself: see below.
      if (!name.includes('memory') && !name.endsWith('dbm')) {
        it('shows them to other processes', async function others() {
          this.timeout(120_000);
          const other = await open();
          try {
            await patiently(async (key) => {
              await cache.set(`shared-${key}`, 'seen', 60);
              expect(await other.get(`shared-${key}`)).to.equal('seen');
            });
          } finally {
            await other.close();
          }
        });
      }
    });
  }

  it('are the names that operators have in their files', () => {
    expect(BACKEND_NAMES).to.include.members([
      'dogpile.cache.null',
      'keystone.common.cache.noop',
      'oslo_cache.memcache_pool',
      'keystone.cache.memcache_pool',
      'dogpile.cache.memcached',
      'dogpile.cache.pylibmc',
      'dogpile.cache.bmemcached',
      'dogpile.cache.pymemcache',
      'dogpile.cache.redis',
      'dogpile.cache.memory',
      'dogpile.cache.memory_pickle',
      'oslo_cache.mongo',
      'dogpile.cache.dbm',
    ]);
  });

  it('are described in the documentation, each by its name', async () => {
    const page = await readFile(new URL('../../../../docs/caching.md', import.meta.url), 'utf8');
    const missing = BACKEND_NAMES.filter((name) => {
      const [, sibling] = /^dogpile\.cache(\.(?:pylibmc|bmemcached|pymemcache))$/.exec(name) ?? [];
      return !page.includes(`\`${sibling ?? name}\``);
    });
    expect(missing).to.deep.equal([]);
  });

  it('keep nothing when the cache is off, or the backend is none', async () => {
    for (const options of [
      { backend: 'dogpile.cache.null' },
      { backend: 'keystone.common.cache.noop' },
      { backend: 'dogpile.cache.memory', enabled: false },
    ]) {
      expect(await createBackend({ ...DEFAULTS, ...options })).to.equal(null);
    }
  });

  for (const [what, options, text] of [
    ['an unknown one', { backend: 'dogpile.cache.etcd' }, 'valid names are: dogpile.cache.bmemcached'],
    ['a file without a name', { backend: 'dogpile.cache.dbm' }, 'backend_argument = filename:VALUE'],
    ['MongoDB without its host', { backend: 'oslo_cache.mongo' }, 'backend_argument = db_hosts:VALUE'],
    [
      'Redis at an address of another kind',
      { backend: 'dogpile.cache.redis', backend_argument: ['url:http://h'] },
      'redis://HOST:PORT/DB is needed',
    ],
    [
      'a port that is no number',
      { backend: 'dogpile.cache.redis', backend_argument: ['port:x'] },
      'backend_argument = port:x: a number is needed',
    ],
    [
      'servers that are none',
      { backend: 'oslo_cache.memcache_pool', memcache_servers: ['unix:/run/m'] },
      '[cache] memcache_servers: unix:/run/m',
    ],
  ] as const) {
    it(`refuse ${what}, naming the option`, async () => {
      const error = await rejection(createBackend({ ...DEFAULTS, ...options }));
      expect(error.message).to.contain('[cache]').and.contain(text);
    });
  }

  it('leave out a Redis server that stalls, and use it again when it answers', async function stall() {
    this.timeout(120_000);
    const door = await doorTo(await useService(this, 'redis'));
    const cache = await createBackend({
      ...DEFAULTS,
      backend: 'dogpile.cache.redis',
      backend_argument: [`url:redis://${door.address}`],
    });
    const get = (): Promise<unknown> => cache?.get('k') ?? Promise.resolve();
    const isUp = (): boolean => cache?.states()[0]?.up === true;
    const untilUp = async (): Promise<void> => {
      for (;;) {
        const failed = await cache?.ping().then(
          () => false,
          () => true,
        );
        if (failed === false && isUp()) return;
        await sleep(100);
      }
    };
    try {
      await untilUp();
      door.stall();
      await rejection(get());
      expect(isUp()).to.equal(false);
      const isAtOnce = await isDoneAtOnce(async () => {
        for (let turn = 0; turn < 20; turn += 1) await rejection(get());
      });
      expect(isAtOnce).to.equal(true);
      door.open();
      await untilUp();
    } finally {
      await cache?.close();
      await door.close();
    }
  });

  it('name the package that they need when it is not installed', async () => {
    const missing: string = 'keystone-koa-no-such-package';
    const error = await rejection(
      optionalPackage('redis', 'dogpile.cache.redis', () => import(missing) as Promise<object>),
    );
    expect(error.message).to.equal(
      '[cache] backend = dogpile.cache.redis needs the npm package "redis", which is not installed: npm install redis',
    );
  });

  it('of one file are shared by the processes of a host', async function file() {
    this.timeout(120_000);
    const folder = await mkdtemp(join(tmpdir(), 'keystone-dbm-'));
    const path = join(folder, 'cache.dbm');
    const backend = await createBackend({
      ...DEFAULTS,
      backend: 'dogpile.cache.dbm',
      backend_argument: [`filename:${path}`],
    });
    try {
      await backend?.set('k', 'from here', 3600);
      const module = new URL('../../../../src/common/cache/backends/index.ts', import.meta.url).href;
      const script = `
        const { createBackend } = await import(${JSON.stringify(module)});
        const cache = await createBackend(${JSON.stringify({ ...DEFAULTS, backend: 'dogpile.cache.dbm', backend_argument: [`filename:${path}`] })});
        console.log(await cache.get('k'));
        await cache.set('back', 'from there', 3600);
        await cache.close();`;
      const ran = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
        encoding: 'utf8',
        timeout: 100_000,
      });
      expect(ran.stderr + ran.stdout).to.contain('from here');
      expect(await backend?.get('back')).to.equal('from there');
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
    } finally {
      await backend?.close();
      await rm(folder, { recursive: true });
    }
  });

  for (const [backend, args] of [
    ['dogpile.cache.redis', ['host:127.0.0.1', 'port:1']],
    ['oslo_cache.mongo', ['db_hosts:127.0.0.1:1', 'db_name:k', 'cache_collection:c']],
    ['oslo_cache.memcache_pool', ['url:127.0.0.1:1']],
  ] as const) {
    it(`say of ${backend} that its server cannot be reached, and wait no longer for it`, async function dead() {
      this.timeout(120_000);
      const cache = await createBackend({ ...DEFAULTS, backend, backend_argument: args });
      try {
        await rejection(cache?.get('k') ?? Promise.resolve());
        expect(cache?.states()[0]).to.include({ server: '127.0.0.1:1', up: false });
        const isAtOnce = await isDoneAtOnce(async () => {
          for (let turn = 0; turn < 100; turn += 1) {
            await rejection(cache?.set('k', 'v', 1) ?? Promise.resolve());
          }
        });
        expect(isAtOnce).to.equal(true);
      } finally {
        await cache?.close();
      }
    });
  }
});
