/** A Redis server. Source: dogpile.cache.redis; the npm package `redis`. */
import type { Arguments } from '../arguments.js';

import { optionalPackage } from '../optional_package.js';
import type { CacheBackend } from '../types.js';
import { type Connection, guarded } from './guarded.js';

/** Milliseconds after which a connection is given up; no request waits for it that long. */
const CONNECT = 1000;

/** @throws Error naming the package when it is not installed, or the argument that cannot be used */
export async function createBackend(args: Arguments): Promise<CacheBackend> {
  const { createClient } = await optionalPackage('redis', 'dogpile.cache.redis', () => import('redis'));
  const url = args.text('url');
  const host = args.text('host') ?? 'localhost';
  const port = args.number('port') ?? 6379;
  const database = args.number('db') ?? 0;
  const username = args.text('username');
  const password = args.text('password');
  const longest = args.number('redis_expiration_time') ?? 0;
  args.ignore(
    'socket_timeout',
    'lock_timeout',
    'lock_sleep',
    'distributed_lock',
    'thread_local_lock',
    'connection_pool',
  );
  if (url !== undefined && !/^rediss?:\/\//.test(url)) {
    throw new Error('[cache] backend_argument = url: an address redis://HOST:PORT/DB is needed');
  }
  const server = url === undefined ? `${host}:${port}` : new URL(url).host;
  const connect = async (): Promise<Connection> => {
    const client = createClient({
      ...(url === undefined ? { database } : { url }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      socket: {
        ...(url === undefined && { host, port }),
        connectTimeout: CONNECT,
        // A connection that failed is given up as a whole.
        reconnectStrategy: false,
      },
      disableOfflineQueue: true,
    });
    // What fails is told by what was asked.
    client.on('error', () => undefined);
    await client.connect();
    return {
      get: async (key) => (await client.get(key)) ?? undefined,
      async set(key, value, seconds) {
        const kept = longest > 0 ? Math.min(seconds, longest) : seconds;
        await client.set(key, value, { expiration: { type: 'EX', value: Math.ceil(kept) } });
      },
      async delete(key) {
        await client.del(key);
      },
      ping: () => client.ping(),
      end: () => client.destroy(),
    };
  };
  return guarded(server, connect);
}
