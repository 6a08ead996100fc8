/** Memcached as a backend of the cache: what zero means in options of operators. */
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Arguments } from '../../../../src/common/cache/arguments.js';
import { createBackend } from '../../../../src/common/cache/backends/memcached.js';
import type { CacheBackend, CacheOptions } from '../../../../src/common/cache/types.js';
import { rejection } from '../../../support/rejection.js';
import { useService } from '../../../support/services/index.js';

const OPTIONS: CacheOptions = {
  enabled: true,
  backend: 'dogpile.cache.memcached',
  backend_argument: [],
  config_prefix: 'cache.oslo',
  expiration_time: 600,
  debug_cache_backend: false,
  proxies: [],
  memcache_servers: [],
  memcache_dead_retry: 300,
  memcache_socket_timeout: 3,
  memcache_pool_maxsize: 10,
  memcache_pool_unused_timeout: 60,
  memcache_pool_connection_get_timeout: 10,
};

describe('a cache on memcached servers', () => {
  const open = (
    address: string,
    lines: readonly string[],
    options: Partial<CacheOptions> = {},
  ): CacheBackend =>
    createBackend(
      { ...OPTIONS, memcache_servers: [address], ...options },
      new Arguments(lines, OPTIONS.backend),
      true,
    );

  it('keeps values for their time with memcached_expire_time = 0, which is no limit', async function zero() {
    this.timeout(120_000);
    const backend = open(await useService(this, 'memcached'), ['memcached_expire_time:0']);
    const key = `expire-time-${process.pid}-${Date.now()}`;
    try {
      let found: string | undefined;
      // On a machine that stalls, an answer may come too late.
      for (let turn = 0; turn < 400 && found === undefined; turn += 1) {
        await backend.set(key, 'kept', 600).catch(() => sleep(100));
        found = await backend.get(key).catch(() => undefined);
      }
      expect(found).to.equal('kept');
    } finally {
      await backend.close();
    }
  });

  it('does not try a server without pause that is down, whatever memcache_dead_retry says', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const backend = open(address, [], { memcache_dead_retry: 0 });
    try {
      await rejection(backend.get('k'));
      const begun = connections;
      await sleep(300);
      expect(connections - begun).to.be.below(3);
    } finally {
      await backend.close();
      server.close();
    }
  });
});
