/** In the memory of the process, which has it for itself. Source: dogpile.cache.memory, dogpile.cache.memory_pickle. */
import { LRUCache } from 'lru-cache';
import type { CacheBackend } from '../types.js';

/** Characters kept at most. */
const MAX_SIZE = 64 * 1024 * 1024;

export function createBackend(): CacheBackend {
  const kept = new LRUCache<string, string>({
    maxSize: MAX_SIZE,
    sizeCalculation: (value, key) => value.length + key.length,
  });
  return {
    get: (key) => Promise.resolve(kept.get(key)),
    async set(key, value, seconds) {
      kept.set(key, value, { ttl: seconds * 1000 });
    },
    async delete(key) {
      kept.delete(key);
    },
    ping: () => Promise.resolve(),
    states: () => [{ server: 'this process', up: true, since: null, reason: null }],
    async close() {
      kept.clear();
    },
  };
}
