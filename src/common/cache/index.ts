/** The configured cache. Source: section `[cache]`; see docs/caching.md. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Conf } from '../../conf/index.js';
import { createBackend } from './backends/index.js';
import { logged } from './debug.js';
import { keyPrefix } from './keys.js';
import { behindProxies } from './proxies.js';
import { SharedCache } from './shared_cache.js';

export { type CacheCounts, CacheRegion, type Form, type GenerationOf, SharedCache } from './shared_cache.js';
export { type CacheSource, cacheSource, NO_CACHE } from './source.js';
export type { CacheBackend, CacheProxy, PlaceState } from './types.js';

/** Sections that decide what is in an answer: processes that differ in them share nothing. */
const TELLING = [
  'assignment',
  'auth',
  'catalog',
  'endpoint_filter',
  'eventlet_server',
  'federation',
  'identity',
  'oauth1',
  'resource',
  'role',
  'token',
  'trust',
] as const satisfies readonly (keyof Conf)[];

/**
 * Open the cache that the configuration names.
 * @param version of the service: what another version has kept is not read
 * @param folders where packages may be installed; the first is what relative paths are relative to
 * @returns null when nothing is cached
 * @throws Error naming the option when it cannot be had
 */
export async function openCache(
  conf: Conf,
  version: string,
  folders: readonly string[],
): Promise<SharedCache | null> {
  const options = conf.cache;
  let backend = await createBackend(options);
  if (backend === null) return null;
  // As oslo.cache: the log stands next to the backend, proxies before it.
  if (options.debug_cache_backend) backend = logged(backend);
  try {
    return new SharedCache({
      backend: await behindProxies(backend, options.proxies, folders),
      prefix: keyPrefix(options.config_prefix),
      deployment: deploymentOf(conf, version),
    });
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/**
 * A digest: passwords within stay here. An address that means this very host means another database elsewhere.
 */
function deploymentOf(conf: Conf, version: string): string {
  const { connection } = conf.database;
  const isLocal = /^sqlite|@(?:localhost|127\.|\[::1\])|@\/|^[^@]*$/.test(connection ?? '');
  const { public_endpoint: publicEndpoint, admin_endpoint: adminEndpoint } = conf.DEFAULT;
  const sections = TELLING.map((name) => conf[name]);
  return createHash('sha256')
    .update(
      JSON.stringify([
        version,
        connection,
        isLocal ? hostname() : '',
        publicEndpoint,
        adminEndpoint,
        ...sections,
      ]),
    )
    .digest('base64url');
}
