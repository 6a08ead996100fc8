/** Logs each operation. Source: `[cache] debug_cache_backend`. Keys are digests; of values only the size is told. */
import { getLogger } from '../log/index.js';
import type { CacheBackend } from './types.js';

const log = getLogger('keystone.common.cache');

export function logged(backend: CacheBackend): CacheBackend {
  return {
    async get(key) {
      const value = await backend.get(key);
      log.debug(
        `CACHE_GET: Key: "${key}" ${value === undefined ? 'no value' : `${value.length} characters`}`,
      );
      return value;
    },
    set(key, value, seconds) {
      log.debug(`CACHE_SET: Key: "${key}" ${value.length} characters for ${seconds} s`);
      return backend.set(key, value, seconds);
    },
    delete(key) {
      log.debug(`CACHE_DELETE: Key: "${key}"`);
      return backend.delete(key);
    },
    ping: () => backend.ping(),
    states: () => backend.states(),
    close: () => backend.close(),
  };
}
