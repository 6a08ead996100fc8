import { parseServers } from '../../common/memcached/index.js';
import { connectionProblem } from './reachability.js';
import type { Symptom } from './symptom.js';
import { keepsNoTokens } from './token_kinds.js';

export const memcachedIsNotReachable: Symptom = {
  name: 'memcached_is_not_reachable',
  what: 'A memcached server does not answer.',
  why: 'What it would keep is fetched anew each time; tokens that are kept there cannot be checked.',
  advice: 'Start it, or correct [cache] memcache_servers or [memcache] servers.',
  async look({ conf: { cache, memcache, token } }) {
    const servers = [
      ...(cache.enabled && cache.backend.includes('memcache')
        ? parseServers(cache.memcache_servers, '[cache] memcache_servers')
        : []),
      ...(token.driver.startsWith('memcache') && !keepsNoTokens(token.provider)
        ? parseServers(memcache.servers, '[memcache] servers')
        : []),
    ];
    const unique = new Map(servers.map((server) => [server.name, server]));
    const answers = await Promise.all(
      [...unique.values()].map(async ({ host, port, name }) => {
        const problem = await connectionProblem(host, port);
        return problem === null ? [] : [`${name}: ${problem}`];
      }),
    );
    return answers.flat();
  },
};
