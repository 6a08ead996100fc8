import type { SectionDeclaration } from '../../common/config/declaration.js';

export const matchmakerRedis = {
  help: '',
  options: {
    check_timeout: {
      type: 'int',
      default: 20000,
      help: '',
    },
    host: {
      type: 'str',
      default: '127.0.0.1',
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    password: {
      type: 'str',
      default: '',
      deprecatedForRemoval: 'TODO',
      secret: true,
      help: '',
    },
    port: {
      type: 'port',
      default: 6379,
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    sentinel_group_name: {
      type: 'str',
      default: 'oslo-messaging-zeromq',
      help: '',
    },
    sentinel_hosts: {
      type: 'list',
      default: [],
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    socket_timeout: {
      type: 'int',
      default: 10000,
      help: '',
    },
    wait_timeout: {
      type: 'int',
      default: 2000,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
