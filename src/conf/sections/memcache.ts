import type { SectionDeclaration } from '../../common/config/declaration.js';

export const memcache = {
  help: '',
  options: {
    dead_retry: {
      type: 'int',
      default: 300,
      help: '',
    },
    pool_connection_get_timeout: {
      type: 'int',
      default: 10,
      help: '',
    },
    pool_maxsize: {
      type: 'int',
      default: 10,
      help: '',
    },
    pool_unused_timeout: {
      type: 'int',
      default: 60,
      help: '',
    },
    servers: {
      type: 'list',
      default: ['localhost:11211'],
      help: '',
    },
    socket_timeout: {
      type: 'int',
      default: 3,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
