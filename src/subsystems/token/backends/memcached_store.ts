/** Memcached as a store of tokens: what cannot be had is an error of the API (503), never "there is no such token". */
import { UnavailableError } from '../../../common/breaker.js';
import { ServiceUnavailable } from '../../../common/errors.js';
import { MemcachedClient, type MemcachedOptions, parseServers } from '../../../common/memcached/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { TokenStore } from '../store.js';
import { type KeyValueStore, KeyValueTokenStore } from './key_value.js';

type PoolOptions = Pick<MemcachedOptions, 'poolSize' | 'idle' | 'acquire'>;

const SECOND = 1000;
/** The last expiry (seconds since 1970) that memcached can count: beyond it, it takes a value for expired at once. */
const LAST_EXPIRY = 2 ** 31 - 1;
/** Failures in a row after which a server counts as down: requests then fail at once. */
const FAILURES = 2;

/** @throws Error naming the option when servers cannot be read */
export function memcachedTokenStore({ conf, health, onClose }: DriverContext, pool: PoolOptions): TokenStore {
  const { servers, socket_timeout: timeout, dead_retry: deadRetry } = conf.memcache;
  const client = new MemcachedClient({
    servers: parseServers(servers, '[memcache] servers'),
    deadline: Math.max(1, timeout * SECOND),
    failures: FAILURES,
    deadRetry: Math.max(1, deadRetry) * SECOND,
    purpose: 'tokens',
    ...pool,
  });
  health?.register('token_store', () => client.ping());
  health?.describe('token_store', () => ({ driver: conf.token.driver, servers: client.states() }));
  onClose?.(() => client.close());
  return new KeyValueTokenStore(asStore(client), conf);
}

function asStore(client: MemcachedClient): KeyValueStore {
  return {
    get: (key) => orUnavailable(client.get(key)),
    set: (key, value, expiresAt) => orUnavailable(client.set(key, value, countable(expiresAt))),
    delete: (key) => orUnavailable(client.delete(key)),
    update: (key, change) =>
      orUnavailable(
        client.update(key, (known) => {
          const wanted = change(known);
          return wanted && { ...wanted, expiresAt: countable(wanted.expiresAt) };
        }),
      ),
  };
}

/** What memcached cannot count to has no end there; whoever reads a token looks at its end in any case. */
function countable(expiresAt: number): number | null {
  return Math.ceil(expiresAt / SECOND) > LAST_EXPIRY ? null : expiresAt;
}

async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new ServiceUnavailable(`The store of tokens (memcached) cannot be reached: ${error.message}`, {
      cause: error,
    });
  }
}
