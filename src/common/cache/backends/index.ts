/** Backends by the names that operators have in their files. */
import { Arguments } from '../arguments.js';
import type { CacheBackend, CacheOptions } from '../types.js';

type Make = (options: CacheOptions, args: Arguments) => Promise<CacheBackend>;

const memory: Make = async () => (await import('./memory.js')).createBackend();
const memcached =
  (pooled: boolean): Make =>
  async (options, args) =>
    (await import('./memcached.js')).createBackend(options, args, pooled);
const mongo: Make = async (_options, args) => (await import('./mongo.js')).createBackend(args);

const BACKENDS: Readonly<Record<string, Make>> = {
  'dogpile.cache.memory': memory,
  'dogpile.cache.memory_pickle': memory,
  'oslo_cache.dict': memory,
  'oslo_cache.memcache_pool': memcached(true),
  'keystone.cache.memcache_pool': memcached(true),
  'dogpile.cache.memcached': memcached(false),
  'dogpile.cache.pylibmc': memcached(false),
  'dogpile.cache.bmemcached': memcached(false),
  'dogpile.cache.pymemcache': memcached(false),
  'dogpile.cache.redis': async (_options, args) => (await import('./redis.js')).createBackend(args),
  'oslo_cache.mongo': mongo,
  'keystone.cache.mongo': mongo,
  'dogpile.cache.dbm': async (_options, args) => (await import('./dbm.js')).createBackend(args),
};

/** Names of "no cache". */
const NOTHING = ['dogpile.cache.null', 'keystone.common.cache.noop'];

export const BACKEND_NAMES: readonly string[] = [...NOTHING, ...Object.keys(BACKENDS)];

/**
 * @returns null for a cache that keeps nothing
 * @throws Error naming the option: an unknown backend (with the valid names), a package that is not installed, an
 *   argument that cannot be used
 */
export async function createBackend(options: CacheOptions): Promise<CacheBackend | null> {
  const { backend, enabled } = options;
  const make = Object.hasOwn(BACKENDS, backend) ? BACKENDS[backend] : undefined;
  if (make === undefined && !NOTHING.includes(backend)) {
    throw new Error(
      `[cache] backend = ${backend}: there is no such backend; valid names are: ${BACKEND_NAMES.toSorted().join(', ')}`,
    );
  }
  if (!enabled || make === undefined) return null;
  const args = new Arguments(options.backend_argument, backend);
  const made = await make(options, args);
  args.noteUnknown();
  return made;
}
