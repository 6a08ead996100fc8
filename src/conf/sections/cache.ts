import type { SectionDeclaration } from '../../common/config/declaration.js';

export const cache = {
  help: '',
  options: {
    backend: {
      type: 'str',
      default: 'dogpile.cache.null',
      help: '',
    },
    backend_argument: {
      type: 'multi',
      default: [],
      secret: true,
      help: '',
    },
    config_prefix: {
      type: 'str',
      default: 'cache.oslo',
      help: '',
    },
    dead_timeout: {
      type: 'float',
      default: 60,
      help: '',
    },
    debug_cache_backend: {
      type: 'bool',
      default: false,
      help: '',
    },
    enable_retry_client: {
      type: 'bool',
      default: false,
      help: '',
    },
    enable_socket_keepalive: {
      type: 'bool',
      default: false,
      help: '',
    },
    enabled: {
      type: 'bool',
      default: true,
      help: '',
    },
    expiration_time: {
      type: 'int',
      default: 600,
      help: '',
    },
    hashclient_retry_attempts: {
      type: 'int',
      default: 2,
      min: 1,
      help: '',
    },
    hashclient_retry_delay: {
      type: 'float',
      default: 1,
      help: '',
    },
    memcache_dead_retry: {
      type: 'int',
      default: 300,
      help: '',
    },
    memcache_password: {
      type: 'str',
      default: '',
      secret: true,
      help: '',
    },
    memcache_pool_connection_get_timeout: {
      type: 'int',
      default: 10,
      help: '',
    },
    memcache_pool_flush_on_reconnect: {
      type: 'bool',
      default: false,
      help: '',
    },
    memcache_pool_maxsize: {
      type: 'int',
      default: 10,
      help: '',
    },
    memcache_pool_unused_timeout: {
      type: 'int',
      default: 60,
      help: '',
    },
    memcache_sasl_enabled: {
      type: 'bool',
      default: false,
      help: '',
    },
    memcache_servers: {
      type: 'list',
      default: ['localhost:11211'],
      help: '',
    },
    memcache_socket_timeout: {
      type: 'float',
      default: 3,
      help: '',
    },
    memcache_username: {
      type: 'str',
      default: '',
      help: '',
    },
    proxies: {
      type: 'list',
      default: [],
      help: '',
    },
    retry_attempts: {
      type: 'int',
      default: 2,
      min: 1,
      help: '',
    },
    retry_delay: {
      type: 'float',
      default: 0,
      help: '',
    },
    socket_keepalive_count: {
      type: 'int',
      default: 1,
      min: 0,
      help: '',
    },
    socket_keepalive_idle: {
      type: 'int',
      default: 1,
      min: 0,
      help: '',
    },
    socket_keepalive_interval: {
      type: 'int',
      default: 1,
      min: 0,
      help: '',
    },
    tls_allowed_ciphers: {
      type: 'str',
      default: null,
      help: '',
    },
    tls_cafile: {
      type: 'str',
      default: null,
      help: '',
    },
    tls_certfile: {
      type: 'str',
      default: null,
      help: '',
    },
    tls_enabled: {
      type: 'bool',
      default: false,
      help: '',
    },
    tls_keyfile: {
      type: 'str',
      default: null,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
