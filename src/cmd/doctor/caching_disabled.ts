import { foundIf, type Symptom } from './symptom.js';

export const cachingDisabled: Symptom = {
  name: 'caching_disabled',
  what: 'Caching is switched off.',
  why: 'Every request then goes to the database and to directories for what it needs, which costs answers and throughput.',
  advice:
    'Set [cache] enabled = true and a backend such as oslo_cache.memcache_pool, or set [DEFAULT] debug while you develop.',
  look: ({ conf: { cache, DEFAULT } }) =>
    foundIf(!cache.enabled && !DEFAULT.debug, '[cache] enabled is false'),
};
