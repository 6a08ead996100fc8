/** Memcached servers. Source: oslo_cache.memcache_pool, dogpile.cache.memcached and its siblings. */
import { MemcachedClient, parseServers } from '../../memcached/index.js';
import type { Arguments } from '../arguments.js';
import { ANSWER_DEADLINE } from '../limits.js';
import type { CacheBackend, CacheOptions } from '../types.js';

const SECOND = 1000;
/** Connections per server without a pool. */
const PLAIN = { poolSize: 4, idle: 60 * SECOND };

/** @throws Error naming the option when servers cannot be read */
export function createBackend(options: CacheOptions, args: Arguments, pooled: boolean): CacheBackend {
  // As oslo.cache: `url` counts before memcache_servers, the other options before arguments of their names.
  const url = args.text('url');
  // As dogpile.cache has it, 0 is no limit.
  const longest = args.number('memcached_expire_time') || Number.POSITIVE_INFINITY;
  args.ignore(
    'dead_retry',
    'socket_timeout',
    'pool_maxsize',
    'pool_unused_timeout',
    'pool_connection_get_timeout',
    'pool_flush_on_reconnect',
    'distributed_lock',
    'lock_timeout',
    'min_compress_len',
    'binary',
    'behaviors',
  );
  const servers =
    url === undefined
      ? parseServers(options.memcache_servers, '[cache] memcache_servers')
      : parseServers(url.split(','), '[cache] backend_argument = url');
  const client = new MemcachedClient({
    servers,
    // The options' own times are for clients that may wait: no request waits longer than this for a cache.
    deadline: atMost(ANSWER_DEADLINE, options.memcache_socket_timeout),
    acquire: atMost(ANSWER_DEADLINE, options.memcache_pool_connection_get_timeout),
    failures: 1,
    // A server that is down is not asked without pause, whatever is set.
    deadRetry: Math.max(1, options.memcache_dead_retry) * SECOND,
    purpose: 'cache',
    ...(pooled
      ? {
          poolSize: Math.max(1, options.memcache_pool_maxsize),
          idle: Math.max(1, options.memcache_pool_unused_timeout * SECOND),
        }
      : PLAIN),
  });
  return {
    get: (key) => client.get(key),
    set: (key, value, seconds) => client.set(key, value, Date.now() + Math.min(seconds, longest) * SECOND),
    delete: (key) => client.delete(key),
    ping: () => client.ping(),
    states: () => client.states(),
    async close() {
      client.close();
    },
  };
}

function atMost(limit: number, seconds: number): number {
  return Math.max(1, Math.min(limit, seconds * SECOND));
}
