/**
 * Memcached servers as operators write them: `HOST:PORT`, `HOST`, `inet:HOST:PORT`, `inet6:[ADDRESS]:PORT`,
 * `[ADDRESS]:PORT`. Source: `[memcache] servers`, `[cache] memcache_servers`, and the Python clients behind them.
 */
import { createHash } from 'node:crypto';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** `HOST:PORT`, an IPv6 address in brackets: how the server is called in messages, and where its keys come from. */
  readonly name: string;
}

const DEFAULT_PORT = 11_211;
const ADDRESS = /^(?:inet6?:)?(?:\[([0-9a-fA-F:.]+(?:%\w+)?)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/;

/**
 * @param option how the option is called in messages, `[memcache] servers`
 * @throws Error naming option and entry
 */
export function parseServers(entries: readonly string[], option: string): readonly ServerAddress[] {
  const servers = new Map<string, ServerAddress>();
  for (const entry of entries.map((text) => text.trim()).filter((text) => text !== '')) {
    const server = parseServer(entry, option);
    servers.set(server.name, server);
  }
  if (servers.size === 0) throw new Error(`${option}: at least one server is needed, as HOST:PORT`);
  return [...servers.values()];
}

function parseServer(entry: string, option: string): ServerAddress {
  if (entry.startsWith('unix:') || entry.startsWith('/')) {
    throw new Error(`${option}: ${entry}: sockets of files are not supported, give HOST:PORT`);
  }
  const [, address, name, digits] = ADDRESS.exec(entry) ?? [];
  const host = address ?? name;
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new Error(`${option}: ${entry} is no server; HOST:PORT is needed, or inet6:[ADDRESS]:PORT`);
  }
  return { host, port, name: `${address === undefined ? host : `[${address}]`}:${port}` };
}

/**
 * Which server has a key: the one that its hash together with the key ranks highest (rendezvous hashing). The order of
 * the list does not matter, and a server more or less moves only the keys that it has. A server that is down keeps its
 * keys: were they kept elsewhere meanwhile, what is old would show again once it is back.
 */
export function serverOf<S extends { readonly name: string }>(servers: readonly S[], key: string): S {
  let best: S | undefined;
  let highest = '';
  for (const server of servers) {
    if (servers.length === 1) return server;
    const rank = createHash('md5').update(server.name).update('\0').update(key).digest('hex');
    if (best === undefined || rank > highest) {
      best = server;
      highest = rank;
    }
  }
  if (best === undefined) throw new Error('there is no server to choose from');
  return best;
}
