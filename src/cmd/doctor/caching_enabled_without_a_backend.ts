import { foundIf, type Symptom } from './symptom.js';

export const cachingEnabledWithoutABackend: Symptom = {
  name: 'caching_enabled_without_a_backend',
  what: 'Caching is switched on, but nothing can be cached.',
  why: 'The backend dogpile.cache.null, which is the default, keeps nothing.',
  advice:
    'Set [cache] backend to oslo_cache.memcache_pool with the memcached servers of all nodes, or to dogpile.cache.memory for a single process.',
  look: ({ conf: { cache } }) =>
    foundIf(cache.enabled && cache.backend === 'dogpile.cache.null', '[cache] backend is dogpile.cache.null'),
};
