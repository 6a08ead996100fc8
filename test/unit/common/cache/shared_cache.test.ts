/** The configured cache: what is true of all that it gives, and how little it costs when it is down. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { RefusedError } from '../../../../src/common/breaker.js';
import { createBackend as createMemory } from '../../../../src/common/cache/backends/memory.js';
import {
  type CacheBackend,
  CacheRegion,
  cacheSource,
  NO_CACHE,
  openCache,
  SharedCache,
} from '../../../../src/common/cache/index.js';
import { LOOKUP_DEADLINE, PAUSE } from '../../../../src/common/cache/limits.js';
import { registerCacheMetrics } from '../../../../src/common/cache/metrics.js';
import { SEAL_LENGTH } from '../../../../src/common/cache/seal.js';
import { configureLogging, shutdownLogging } from '../../../../src/common/log/index.js';
import { type Conf, loadConf } from '../../../../src/conf/index.js';
import { holdClock, isDoneAtOnce } from '../../../support/held_clock.js';
import { rejection } from '../../../support/rejection.js';
import { type OwnMemcached, ownMemcached } from '../../../support/services/own_memcached.js';

interface Thing {
  readonly text: string;
}
const FORM = {
  pack: (thing: Thing) => thing,
  unpack: (data: unknown) =>
    data !== null && typeof data === 'object' && 'text' in data ? (data as Thing) : undefined,
};

/** A cache in memory that tells what it was asked. */
function watched(): CacheBackend & { readonly asked: string[]; readonly values: string[] } {
  const inner = createMemory();
  const asked: string[] = [];
  const values: string[] = [];
  return {
    ...inner,
    asked,
    values,
    get(key) {
      asked.push(`get ${key}`);
      return inner.get(key);
    },
    set(key, value, seconds) {
      asked.push(`set ${key}`);
      values.push(`${value.slice(SEAL_LENGTH)} ${seconds}`);
      return inner.set(key, value, seconds);
    },
  };
}

describe('the configured cache', () => {
  let generation: string | undefined;
  let reads: number;

  beforeEach(() => {
    generation = '1';
    reads = 0;
  });

  const shared = (backend: CacheBackend, deployment = 'd'): SharedCache =>
    new SharedCache({ backend, prefix: 'cache.oslo', deployment });
  const region = (cache: SharedCache | null, name = 'token', seconds = 60): CacheRegion<Thing> =>
    new CacheRegion({ name, cache, generation: async () => generation, seconds, form: FORM });
  const read = (text: string) => async (): Promise<Thing> => {
    reads += 1;
    return { text };
  };

  it('gives what it keeps to every process, for as long as the data are the same', async () => {
    const backend = createMemory();
    const [one, other] = [region(shared(backend)), region(shared(backend))];
    expect(await one.get('k', read('first'))).to.deep.equal({ text: 'first' });
    expect(await other.get('k', read('second'))).to.deep.equal({ text: 'first' });
    expect(reads).to.equal(1);
    generation = '2';
    expect(await other.get('k', read('third'))).to.deep.equal({ text: 'third' });
    expect(await one.get('k', read('fourth'))).to.deep.equal({ text: 'third' });
  });

  it('keeps under the generation from before the data were read', async () => {
    const cache = region(shared(createMemory()));
    await cache.get('k', async () => {
      generation = '2';
      return { text: 'read while something was committed' };
    });
    expect(await cache.get('k', read('true'))).to.deep.equal({ text: 'true' });
  });

  it('is neither asked nor filled while nothing proves what it gives', async () => {
    const backend = watched();
    generation = undefined;
    const cache = region(shared(backend));
    await cache.get('k', read('a'));
    await cache.get('k', read('b'));
    expect(reads).to.equal(2);
    expect(backend.asked).to.deep.equal([]);
  });

  it('holds neither keys nor anything that leads to them', async () => {
    const backend = watched();
    const cache = region(shared(backend));
    const token = '0123456789abcdef0123456789abcdef';
    await cache.get(token, read('x'));
    expect(backend.asked).to.have.length(2);
    for (const asked of backend.asked) expect(asked).to.match(/^[gs]et cache\.oslo:[\w-]{43}$/);
    expect(JSON.stringify(backend.values)).to.not.contain(token);
  });

  it('keeps apart deployments, regions and keys', async () => {
    const backend = createMemory();
    await region(shared(backend)).get('k', read('x'));
    for (const other of [
      region(shared(backend, 'e')),
      region(shared(backend), 'role'),
      region(new SharedCache({ backend, prefix: 'other', deployment: 'd' })),
    ]) {
      expect(await other.get('k', read('own'))).to.deep.equal({ text: 'own' });
    }
    expect(await region(shared(backend)).get('kk', read('own'))).to.deep.equal({ text: 'own' });
  });

  it('keeps no errors, and nothing that does not last', async () => {
    const cache = region(shared(createMemory()));
    const failing = (): Promise<Thing> => Promise.reject(new Error('gone'));
    expect((await rejection(cache.get('k', failing))).message).to.equal('gone');
    await cache.get('k', read('once'), () => false);
    expect(await cache.get('k', read('again'))).to.deep.equal({ text: 'again' });
  });

  it('passes over what somebody else has put there', async () => {
    const backend = createMemory();
    const cache = region(shared({ ...backend, get: async () => '{"text": ' }));
    expect(await cache.get('k', read('own'))).to.deep.equal({ text: 'own' });
    const foreign = region(shared({ ...backend, get: async () => '[1]' }));
    expect(await foreign.get('k', read('own'))).to.deep.equal({ text: 'own' });
  });

  it('takes nothing that others than its own nodes have written, or put under another key', async () => {
    const kept = new Map<string, string>();
    const backend: CacheBackend = {
      ...createMemory(),
      get: async (key) => kept.get(key),
      set: async (key, value) => void kept.set(key, value),
    };
    const cache = region(shared(backend));
    await cache.get('own', read('a guest'));
    await cache.get('other', read('an administrator'));
    const [[own, guest], [, administrator]] = [...kept] as [[string, string], [string, string]];
    const elsewhere = new Map<string, string>();
    const stranger: CacheBackend = { ...backend, set: async (_key, value) => void elsewhere.set('k', value) };
    await region(shared(stranger, 'guessed')).get('own', read('made up'));
    const changed = guest.replace('a guest', 'a thief');
    const forged = [administrator, elsewhere.get('k') ?? '', changed, '{"text":"made up"}', ''];
    for (const value of forged) {
      kept.set(own, value);
      expect(await cache.get('own', read('the truth')), value).to.deep.equal({ text: 'the truth' });
    }
    kept.set(own, guest);
    expect(await cache.get('own', read('not read'))).to.deep.equal({ text: 'a guest' });
  });

  it('keeps data for the shortest time of the sections that they are of, and not at all when one says so', async () => {
    const backend = watched();
    const source = cacheSource(shared(backend), async () => generation, 600);
    const sections = { on: { caching: true }, short: { caching: true, cache_time: 20 } };
    const keep = async (name: string, ...of: { caching: boolean; cache_time?: number | null }[]) =>
      source.region({ name, sections: of, form: FORM }).get('k', read('x'));
    await keep('a', sections.on);
    await keep('b', sections.on, sections.short);
    await keep('c', sections.on, { caching: false, cache_time: 20 });
    await keep('d', sections.on, { caching: true, cache_time: 0 });
    expect(backend.values).to.deep.equal(['{"text":"x"} 600', '{"text":"x"} 20']);
    await NO_CACHE.region({ name: 'e', sections: [sections.on], form: FORM }).get('k', read('x'));
    expect(reads).to.equal(5);
  });

  it('counts hits, misses and errors for Prometheus', async () => {
    const cache = shared(createMemory());
    await region(cache).get('k', read('x'));
    await region(cache).get('k', read('x'));
    await region(shared({ ...createMemory(), get: () => Promise.reject(new Error('down')) })).get(
      'k',
      read('x'),
    );
    const registry = new Registry();
    registerCacheMetrics(registry, cache);
    const text = await registry.metrics();
    expect(text).to.contain('keystone_cache_operations_total{region="token",result="hit"} 1');
    expect(text).to.contain('keystone_cache_operations_total{region="token",result="miss"} 1');
    expect(text).to.contain('keystone_cache_up{server="this process"} 1');
    expect(await registry.metrics()).to.contain('result="hit"} 1');
  });

  it('answers in time whatever stands before it, and leaves it out for a while after waiting in vain', async () => {
    const clock = holdClock();
    try {
      // Each look-up waits until the deadline, by the clock too.
      const stalling: CacheBackend = {
        ...watched(),
        get() {
          clock.advance(LOOKUP_DEADLINE);
          return new Promise(() => undefined);
        },
      };
      const cache = shared(stalling);
      const ask = async (): Promise<void> => {
        for (let turn = 0; turn < 20; turn += 1) await region(cache).get(`k${turn}`, read('x'));
      };
      await ask();
      expect(cache.counts().get('token')).to.deep.include({ errors: 1, skipped: 19 });
      expect(await isDoneAtOnce(ask)).to.equal(true);
      clock.advance(PAUSE);
      await ask();
      expect(cache.counts().get('token')).to.deep.include({ errors: 2, skipped: 58 });
    } finally {
      clock.release();
    }
  });

  it('gives what was read when a backend or a proxy throws instead of rejecting, or gives nothing to wait for', async () => {
    const fail = (): never => {
      throw new Error('broken');
    };
    const nothing = (): never => undefined as never;
    for (const broken of [{ get: fail }, { set: fail }, { get: nothing }, { set: nothing }]) {
      const things = region(shared({ ...watched(), ...broken }));
      expect(await things.get('k', read('x'))).to.deep.equal({ text: 'x' });
    }
  });

  it('says now and then that a server has no room for values, and counts them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keystone-cache-'));
    const file = join(folder, 'keystone.log');
    const { conf } = loadConf({ sources: [], env: { HOME: folder } });
    configureLogging({ ...conf.DEFAULT, log_file: file, use_stderr: false });
    const cache = shared({
      ...watched(),
      set: () => Promise.reject(new RefusedError('out of memory')),
    });
    try {
      for (let turn = 0; turn < 3; turn += 1) await region(cache).get(`k${turn}`, read('x'));
    } finally {
      shutdownLogging();
    }
    expect(cache.counts().get('token')).to.deep.include({ misses: 3, errors: 3 });
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.includes('out of memory'));
    expect(lines).to.have.length(1);
    await rm(folder, { recursive: true });
  });

  describe('on memcached', () => {
    let server: OwnMemcached;
    const caches: SharedCache[] = [];
    const open = async (): Promise<SharedCache> => {
      const { conf } = loadConf({
        sources: [],
        env: { HOME: tmpdir() },
        overrides: {
          cache: {
            backend: 'oslo_cache.memcache_pool',
            memcache_servers: server.address,
            memcache_dead_retry: '1',
          },
        },
      });
      const cache = await openCache(conf, '1', [tmpdir()]);
      if (cache === null) throw new Error('no cache');
      caches.push(cache);
      return cache;
    };

    before(async function start() {
      this.timeout(120_000);
      server = await ownMemcached(this);
    });
    after(async () => {
      for (const cache of caches) await cache.close();
      await server?.kill();
    });

    for (const [what, harm, heal] of [
      ['stalls', () => server.signal('SIGSTOP'), () => server.signal('SIGCONT')],
      ['is killed', () => server.kill(), () => server.start()],
    ] as const) {
      it(`costs a moment once, and then nothing, when the server ${what}; it is used again later`, async function harmed() {
        this.timeout(120_000);
        const cache = await open();
        const isUp = (): boolean => cache.states()[0]?.up === true;
        const things = region(cache);
        const ask = async (key: string): Promise<void> => {
          expect(await things.get(key, read('x'))).to.deep.equal({ text: 'x' });
        };
        await ask('warm');
        await harm();
        try {
          const begin = performance.now();
          await ask('first');
          // 80 ms, and what the machine takes beyond.
          expect(performance.now() - begin).to.be.below(10_000);
          while (isUp()) {
            await sleep(20);
            await ask('first');
          }
          const others = async (): Promise<void> => {
            for (let turn = 0; turn < 50; turn += 1) await ask(`k${turn}`);
          };
          expect(await isDoneAtOnce(others)).to.equal(true);
          expect(cache.states()[0]).to.include({ server: server.address, up: false });
          expect((await rejection(cache.ping())).name).to.equal('UnavailableError');
        } finally {
          await heal();
        }
        const hits = (): number => cache.counts().get('token')?.hits ?? 0;
        const before = hits();
        while (hits() === before || !isUp()) {
          await sleep(50);
          await ask('back');
        }
      });
    }
  });

  describe('as configured', () => {
    let folder: string;
    const open = (cache: Readonly<Record<string, string>>): Promise<SharedCache | null> => {
      const { conf } = loadConf({ sources: [], env: { HOME: folder }, overrides: { cache } });
      return openCache(conf, '1', [folder]);
    };

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'keystone-cache-'));
    });
    after(() => rm(folder, { recursive: true }));

    it('is none by default, and none when it is off', async () => {
      expect(await open({})).to.equal(null);
      expect(await open({ backend: 'dogpile.cache.memory', enabled: 'false' })).to.equal(null);
    });

    it('logs each operation with debug_cache_backend: digests of keys, sizes of values', async () => {
      const file = join(folder, 'keystone.log');
      const { conf } = loadConf({ sources: [], env: { HOME: folder } });
      configureLogging({ ...conf.DEFAULT, debug: true, log_file: file, use_stderr: false });
      try {
        const cache = await open({ backend: 'dogpile.cache.memory', debug_cache_backend: 'true' });
        await region(cache).get('topsecret-key', read('topsecret-value'));
        await region(cache).get('topsecret-key', read('x'));
        await cache?.close();
      } finally {
        shutdownLogging();
      }
      const text = await readFile(file, 'utf8');
      expect(text).to.match(/CACHE_GET: Key: "cache\.oslo:[\w-]{43}" no value/);
      expect(text).to.match(/CACHE_SET: Key: "cache\.oslo:[\w-]{43}" 69 characters for 60 s/);
      expect(text).to.match(/CACHE_GET: Key: "cache\.oslo:[\w-]{43}" 69 characters/);
      expect(text).to.not.contain('topsecret');
    });

    it('passes through the proxies of packages and modules', async () => {
      const proxy = (name: string): string => `
        import { appendFileSync } from 'node:fs';
        export function createProxy(next) {
          return { ...next, get(key) { appendFileSync(${JSON.stringify(join(folder, 'seen'))}, '${name} '); return next.get(key); } };
        }`;
      await writeFile(join(folder, 'proxy.mjs'), proxy('module'));
      const packageFolder = join(folder, 'node_modules', 'cache-watcher');
      await mkdir(packageFolder, { recursive: true });
      await writeFile(join(packageFolder, 'proxy.mjs'), proxy('package'));
      await writeFile(
        join(packageFolder, 'package.json'),
        JSON.stringify({ name: 'cache-watcher', keystone: { cache: { proxy: './proxy.mjs' } } }),
      );
      const cache = await open({ backend: 'dogpile.cache.memory', proxies: './proxy.mjs,cache-watcher' });
      await region(cache).get('k', read('x'));
      expect(await readFile(join(folder, 'seen'), 'utf8')).to.equal('package module ');
      await cache?.close();
    });

    for (const [entry, text] of [
      ['keystone.cache.proxies.MyProxy', 'a class of Python cannot be used here'],
      ['no-such-package', 'there is no npm package of this name'],
      ['./nothing.mjs', 'Cannot find module'],
    ] as const) {
      it(`refuses the proxy ${entry}`, async () => {
        const error = await rejection(open({ backend: 'dogpile.cache.memory', proxies: entry }));
        expect(error.message).to.contain(`[cache] proxies = ${entry}: `).and.contain(text);
      });
    }

    it('refuses a proxy that makes no backend, and says what is missing', async () => {
      await writeFile(
        join(folder, 'part.mjs'),
        'export const createProxy = ({ get, set }) => ({ get, set });',
      );
      const error = await rejection(open({ backend: 'dogpile.cache.memory', proxies: './part.mjs' }));
      expect(error.message)
        .to.contain('[cache] proxies = ./part.mjs: ')
        .and.contain('it lacks delete(), ping(), states(), close()');
    });

    it('does not mix what nodes of other versions or with other rules keep', async () => {
      const backend = createMemory();
      const module = join(folder, 'same.mjs');
      const holder = globalThis as unknown as Record<string, unknown>;
      holder['keystoneTestBackend'] = backend;
      await writeFile(module, 'export const createProxy = () => globalThis.keystoneTestBackend;');
      const openAs = async (
        version: string,
        overrides: Readonly<Record<string, Readonly<Record<string, string>>>>,
      ) => {
        const { conf }: { conf: Conf } = loadConf({
          sources: [],
          env: { HOME: folder },
          overrides: { ...overrides, cache: { backend: 'dogpile.cache.memory', proxies: module } },
        });
        return region(await openCache(conf, version, [folder]));
      };
      await (await openAs('1', {})).get('k', read('x'));
      expect(await (await openAs('1', {})).get('k', read('same'))).to.deep.equal({ text: 'x' });
      expect(await (await openAs('2', {})).get('k', read('own'))).to.deep.equal({ text: 'own' });
      const other = { token: { infer_roles: 'false' } };
      expect(await (await openAs('1', other)).get('k', read('own'))).to.deep.equal({ text: 'own' });
      const database = { database: { connection: 'sqlite:///other.db' } };
      expect(await (await openAs('1', database)).get('k', read('own'))).to.deep.equal({ text: 'own' });
      delete holder['keystoneTestBackend'];
    });
  });
});
