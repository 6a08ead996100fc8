/** Where managers get their parts of the configured cache. */
import { cacheSeconds, type SectionOptions } from './sections.js';
import { CacheRegion, type Form, type GenerationOf, type SharedCache } from './shared_cache.js';

export interface RegionSpec<Value> {
  readonly name: string;
  /** The sections of keystone.conf whose data the values hold. */
  readonly sections: readonly SectionOptions[];
  readonly form: Form<Value>;
}

export interface CacheSource {
  region<Value>(spec: RegionSpec<Value>): CacheRegion<Value>;
}

/**
 * @param cache      null when nothing is cached
 * @param generation of the data that managers work with
 * @param expirationTime `[cache] expiration_time` in seconds
 */
export function cacheSource(
  cache: SharedCache | null,
  generation: GenerationOf,
  expirationTime: number,
): CacheSource {
  return {
    region: ({ name, sections, form }) =>
      new CacheRegion({ name, cache, generation, seconds: cacheSeconds(sections, expirationTime), form }),
  };
}

/** For those who have no cache. */
export const NO_CACHE: CacheSource = cacheSource(null, () => Promise.resolve(undefined), 0);
