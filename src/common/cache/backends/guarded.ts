/** A server behind a client library: connected at once, given up and connected anew after a failure. */
import { Breaker } from '../../breaker.js';
import { getLogger } from '../../log/index.js';
import { ANSWER_DEADLINE } from '../limits.js';
import type { CacheBackend, PlaceState } from '../types.js';

/** What a client library has to offer. */
export interface Connection {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, seconds: number): Promise<void>;
  delete(key: string): Promise<void>;
  ping(): Promise<unknown>;
  /** Close at once, whatever still runs. */
  end(): void;
}

const log = getLogger('keystone.common.cache');

/** Milliseconds between attempts at most. */
const LONGEST_RETRY = 30_000;

/**
 * @param server how the server is called in messages, without secrets
 * @param connect a new connection; fails when it cannot be had
 */
export function guarded(server: string, connect: () => Promise<Connection>): CacheBackend {
  // To connect and sign in takes longer than the first request could wait for; what goes wrong is told to it.
  let current: Promise<Connection> | null = connect();
  current.catch(() => undefined);
  /** Why it is down, as far as the log has it. */
  const told = new Set<string>();
  let isClosed = false;
  const give = (): void => {
    const given = current;
    current = null;
    given?.then(
      (connection) => connection.end(),
      () => undefined,
    );
  };
  const use = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    current ??= connect();
    return await work(await current);
  };
  const breaker = new Breaker({
    deadline: ANSWER_DEADLINE,
    failures: 1,
    retry: LONGEST_RETRY,
    async probe() {
      try {
        await use((connection) => connection.ping());
      } catch (error) {
        // A request does not wait until it is known that a certificate is not trusted or a password wrong.
        const reason = error instanceof Error ? error.message : String(error);
        if (!told.has(reason) && !isClosed) log.warn(`Cache server ${server} is still left out: ${reason}`);
        told.add(reason);
        throw error;
      }
    },
    onFailure: give,
    onChange(up, reason) {
      told.clear();
      if (!up) told.add(reason);
      log.warn(`Cache server ${server} is ${up ? 'used again' : 'left out'}: ${reason}`);
    },
  });
  const ask = <T>(work: (connection: Connection) => Promise<T>): Promise<T> => breaker.run(() => use(work));
  return {
    get: (key) => ask((connection) => connection.get(key)),
    set: (key, value, seconds) => ask((connection) => connection.set(key, value, seconds)),
    delete: (key) => ask((connection) => connection.delete(key)),
    async ping() {
      await ask((connection) => connection.ping());
    },
    states: (): readonly PlaceState[] => [{ server, ...breaker.state() }],
    async close() {
      isClosed = true;
      breaker.close();
      give();
    },
  };
}
