/** A Redis server. Source: dogpile.cache.redis; the npm package `redis`. */
import { RefusedError } from '../../breaker.js';
import type { Arguments } from '../arguments.js';
import { optionalPackage } from '../optional_package.js';
import type { CacheBackend } from '../types.js';
import { type Connection, guarded } from './guarded.js';

/** Milliseconds after which a connection is given up; no request waits for it that long. */
const CONNECT = 1000;

/** Where a server is, as its client wants to be told. */
interface Place {
  /** How it is called in messages. */
  readonly server: string;
  readonly options: {
    readonly url?: string;
    readonly database?: number;
    readonly username?: string;
    readonly password?: string;
  };
  readonly socket: { readonly host: string; readonly port: number } | { readonly path: string } | object;
}

/** @throws Error naming the package when it is not installed, or the argument that cannot be used */
export async function createBackend(args: Arguments): Promise<CacheBackend> {
  const { createClient, ErrorReply } = await optionalPackage(
    'redis',
    'dogpile.cache.redis',
    () => import('redis'),
  );
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
  const { server, options, socket }: Place =
    url === undefined
      ? { server: `${host}:${port}`, options: { database }, socket: { host, port } }
      : placeOf(url);
  const connect = async (): Promise<Connection> => {
    const client = createClient({
      ...options,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      socket: {
        ...socket,
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
        try {
          await client.set(key, value, { expiration: { type: 'EX', value: Math.ceil(kept) } });
        } catch (error) {
          // A server that is full, or a copy that only reads, answers all the same.
          throw error instanceof ErrorReply ? new RefusedError(error.message, { cause: error }) : error;
        }
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

const SOCKET_FILE =
  /^unix:\/\/(?:((?:[^:@/%]|%[\dA-Fa-f]{2})*):?((?:[^@/%]|%[\dA-Fa-f]{2})*)@)?(\/[^?]+)(?:\?(.*))?$/;

/**
 * Addresses as redis-py takes them; of a socket's file: `unix://USER:PASSWORD@/PATH?db=NUMBER`.
 * @throws Error naming the argument, without the address, which may hold a password
 */
function placeOf(url: string): Place {
  if (/^rediss?:\/\//.test(url) && URL.canParse(url)) {
    return { server: new URL(url).host, options: { url }, socket: {} };
  }
  const [, user = '', word = '', path, query] = SOCKET_FILE.exec(url) ?? [];
  const parameters = new URLSearchParams(query);
  const database = parameters.get('db') ?? '0';
  if (path === undefined || !/^\d+$/.test(database)) {
    throw new Error(
      '[cache] backend_argument = url: an address redis://HOST:PORT/DB is needed, or unix:///PATH?db=DB',
    );
  }
  const [username, password] = [user, word].map(decodeURIComponent);
  const secret = password || parameters.get('password');
  return {
    server: path,
    options: {
      database: Number(database),
      ...(username && { username }),
      ...(secret && { password: secret }),
    },
    socket: { path },
  };
}
