import type { SectionDeclaration } from '../../common/config/declaration.js';

export const memcache = {
  help: 'The memcached servers that tokens are kept in, with [token] driver = memcache or memcache_pool.',
  options: {
    dead_retry: {
      type: 'int',
      default: 300,
      help: 'Seconds after which a server that failed is tried again.',
    },
    pool_connection_get_timeout: {
      type: 'int',
      default: 10,
      help: 'Seconds to wait for a free connection.',
    },
    pool_maxsize: {
      type: 'int',
      default: 10,
      help: 'Connections to each server at most.',
    },
    pool_unused_timeout: {
      type: 'int',
      default: 60,
      help: 'Seconds after which an unused connection is closed.',
    },
    servers: {
      type: 'list',
      default: ['localhost:11211'],
      help:
        'The memcached servers, as HOST:PORT. All nodes need the same list. For the cache see [cache] ' +
        'memcache_servers.',
    },
    socket_timeout: {
      type: 'int',
      default: 3,
      help: 'Seconds to wait for an answer.',
    },
  },
} as const satisfies SectionDeclaration;
