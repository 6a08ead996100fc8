/** Tokens in memcached with a pool of connections as configured. Source: `[token] driver = memcache_pool`. */
import type { DriverContext } from '../../subsystem.js';
import type { TokenStore } from '../store.js';
import { memcachedTokenStore } from './memcached_store.js';

const SECOND = 1000;

export function createDriver(context: DriverContext): TokenStore {
  const {
    pool_maxsize: size,
    pool_unused_timeout: unused,
    pool_connection_get_timeout: acquire,
  } = context.conf.memcache;
  return memcachedTokenStore(context, {
    poolSize: Math.max(1, size),
    idle: Math.max(1, unused * SECOND),
    acquire: Math.max(1, acquire * SECOND),
  });
}
