/** Tokens in memcached with a few connections to each server. Source: `[token] driver = memcache`. */
import type { DriverContext } from '../../subsystem.js';
import type { TokenStore } from '../store.js';
import { memcachedTokenStore } from './memcached_store.js';

/** The `pool_*` options are those of memcache_pool. */
const POOL = { poolSize: 4, idle: 60_000, acquire: 10_000 };

export function createDriver(context: DriverContext): TokenStore {
  return memcachedTokenStore(context, POOL);
}
