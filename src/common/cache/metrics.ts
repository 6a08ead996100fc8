/** Figures of the configured cache for Prometheus, read from it when they are asked for. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { SharedCache } from './shared_cache.js';

export function registerCacheMetrics(registry: Registry, cache: SharedCache): void {
  const operations = new Counter({
    name: 'keystone_cache_operations_total',
    help: 'Look-ups in the configured cache by what came of them; errors count failed writes too',
    labelNames: ['region', 'result'],
    registers: [],
    collect() {
      this.reset();
      for (const [region, { hits, misses, errors, skipped }] of cache.counts()) {
        this.inc({ region, result: 'hit' }, hits);
        this.inc({ region, result: 'miss' }, misses);
        this.inc({ region, result: 'error' }, errors);
        this.inc({ region, result: 'skipped' }, skipped);
      }
    },
  });
  const up = new Gauge({
    name: 'keystone_cache_up',
    help: 'Whether a server of the cache is used (1), or left out because it failed (0)',
    labelNames: ['server'],
    registers: [],
    collect() {
      for (const { server, up: isUp } of cache.states()) this.set({ server }, isUp ? 1 : 0);
    },
  });
  registry.registerMetric(operations);
  registry.registerMetric(up);
}
