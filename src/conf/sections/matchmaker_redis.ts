import type { SectionDeclaration } from '../../common/config/declaration.js';

export const matchmakerRedis = {
  help: 'Redis server of the ZeroMQ driver.',
  options: {
    check_timeout: {
      type: 'int',
      default: 20000,
      inert: 'only RabbitMQ is supported',
      help: 'Milliseconds between checks of the Redis server.',
    },
    host: {
      type: 'str',
      default: '127.0.0.1',
      deprecatedForRemoval: 'use [DEFAULT] transport_url',
      inert: 'only RabbitMQ is supported',
      help: 'Host of the Redis server.',
    },
    password: {
      type: 'str',
      default: '',
      deprecatedForRemoval: 'use [DEFAULT] transport_url',
      inert: 'only RabbitMQ is supported',
      secret: true,
      help: 'Password of the Redis server.',
    },
    port: {
      type: 'port',
      default: 6379,
      deprecatedForRemoval: 'use [DEFAULT] transport_url',
      inert: 'only RabbitMQ is supported',
      help: 'Port of the Redis server.',
    },
    sentinel_group_name: {
      type: 'str',
      default: 'oslo-messaging-zeromq',
      inert: 'only RabbitMQ is supported',
      help: 'Name of the Redis group.',
    },
    sentinel_hosts: {
      type: 'list',
      default: [],
      deprecatedForRemoval: 'use [DEFAULT] transport_url',
      inert: 'only RabbitMQ is supported',
      help: 'Redis sentinels, as HOST:PORT.',
    },
    socket_timeout: {
      type: 'int',
      default: 10000,
      inert: 'only RabbitMQ is supported',
      help: 'Milliseconds before an operation on Redis fails.',
    },
    wait_timeout: {
      type: 'int',
      default: 2000,
      inert: 'only RabbitMQ is supported',
      help: 'Milliseconds between tries on Redis.',
    },
  },
} as const satisfies SectionDeclaration;
