/** What the cache is made of: backends by the names of operators, and what may stand before them. */
import type { BreakerState } from '../breaker.js';

/** State of one server, or of the backend as a whole. */
export interface PlaceState extends BreakerState {
  readonly server: string;
}

/**
 * Where cached texts are kept. What fails, rejects: it is counted and answered as if there were nothing. Packages that
 * offer a proxy (`[cache] proxies`) get one of these and return another.
 */
export interface CacheBackend {
  /** @param key up to 250 characters, without blanks */
  get(key: string): Promise<string | undefined>;
  /** @param seconds how long it may be kept, whole and above 0 */
  set(key: string, value: string, seconds: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** @throws Error when it cannot be used now */
  ping(): Promise<void>;
  states(): readonly PlaceState[];
  close(): Promise<void>;
}

export type CacheProxy = (next: CacheBackend) => CacheBackend | Promise<CacheBackend>;

/** The options of `[cache]` that matter here, under their own names; times in seconds. */
export interface CacheOptions {
  readonly enabled: boolean;
  readonly backend: string;
  readonly backend_argument: readonly string[];
  readonly config_prefix: string;
  readonly expiration_time: number;
  readonly debug_cache_backend: boolean;
  readonly proxies: readonly string[];
  readonly memcache_servers: readonly string[];
  readonly memcache_dead_retry: number;
  readonly memcache_socket_timeout: number;
  readonly memcache_pool_maxsize: number;
  readonly memcache_pool_unused_timeout: number;
  readonly memcache_pool_connection_get_timeout: number;
}
