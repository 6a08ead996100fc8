/** Which sections let their data be cached, and for how long. Source: `caching` and `cache_time` of each section. */

export interface SectionOptions {
  readonly caching: boolean;
  /** Seconds; unset: `[cache] expiration_time`. */
  readonly cache_time?: number | null;
}

/**
 * Seconds for values that hold data of several sections: the shortest of their times, and 0 (nothing is kept) when one
 * of them is not to be cached.
 */
export function cacheSeconds(sections: readonly SectionOptions[], expirationTime: number): number {
  const times = sections.map(({ caching, cache_time: time }) => (caching ? (time ?? expirationTime) : 0));
  return Math.max(0, Math.min(...times));
}
