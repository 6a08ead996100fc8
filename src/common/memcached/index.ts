/** Memcached behind one door: deadlines, breakers and expiry are seen to. */
export {
  expiryOf,
  MemcachedClient,
  type MemcachedOptions,
  type Replacement,
  type ServerState,
} from './client.js';
export { parseServers, type ServerAddress } from './servers.js';
