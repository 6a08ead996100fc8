import type { SectionDeclaration } from '../../common/config/declaration.js';

export const cache = {
  help: 'The cache that all parts of the service share.',
  options: {
    backend: {
      type: 'str',
      default: 'dogpile.cache.null',
      help:
        'Where cached data is kept: dogpile.cache.null (nowhere), dogpile.cache.memory (in each worker), ' +
        'dogpile.cache.memcached or oslo_cache.memcache_pool (memcached servers), dogpile.cache.redis, ' +
        'oslo_cache.mongo or dogpile.cache.dbm (with the npm package redis, mongodb or lmdb). Earlier and ' +
        'later spellings of these are understood.',
    },
    backend_argument: {
      type: 'multi',
      default: [],
      secret: true,
      help: 'Argument of the backend, as NAME:VALUE, such as url:127.0.0.1:11211. Repeat the option for more.',
    },
    config_prefix: {
      type: 'str',
      default: 'cache.oslo',
      help: 'What keys in the cache begin with.',
    },
    dead_timeout: {
      type: 'float',
      default: 60,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'Seconds before a dead memcached server is tried again.',
    },
    debug_cache_backend: {
      type: 'bool',
      default: false,
      help: 'Log every key that is read from, written to and removed from the cache.',
    },
    enable_retry_client: {
      type: 'bool',
      default: false,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'Try failed operations on memcached again.',
    },
    enable_socket_keepalive: {
      type: 'bool',
      default: false,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'TCP keep-alive on connections to memcached.',
    },
    enabled: {
      type: 'bool',
      default: true,
      help: 'Use a cache at all. With the null backend, which is the default, nothing is cached even so.',
    },
    expiration_time: {
      type: 'int',
      default: 600,
      help: 'Seconds that data stays in the cache where no section says otherwise.',
    },
    hashclient_retry_attempts: {
      type: 'int',
      default: 2,
      min: 1,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'Tries before a memcached server counts as dead.',
    },
    hashclient_retry_delay: {
      type: 'float',
      default: 1,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'Seconds between these tries.',
    },
    memcache_dead_retry: {
      type: 'int',
      default: 300,
      help: 'Seconds after which a memcached server that failed is tried again.',
    },
    memcache_password: {
      type: 'str',
      default: '',
      inert: 'SASL is not supported',
      secret: true,
      help: 'Password for memcached.',
    },
    memcache_pool_connection_get_timeout: {
      type: 'int',
      default: 10,
      help: 'Seconds to wait for a free connection to a memcached server.',
    },
    memcache_pool_flush_on_reconnect: {
      type: 'bool',
      default: false,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'Empty a memcached server after the connection to it was lost.',
    },
    memcache_pool_maxsize: {
      type: 'int',
      default: 10,
      help: 'Connections to each memcached server at most.',
    },
    memcache_pool_unused_timeout: {
      type: 'int',
      default: 60,
      help: 'Seconds after which an unused connection to a memcached server is closed.',
    },
    memcache_sasl_enabled: {
      type: 'bool',
      default: false,
      help:
        'Sign in to memcached with memcache_username and memcache_password. Not supported here: true ' +
        'stops the start.',
    },
    memcache_servers: {
      type: 'list',
      default: ['localhost:11211'],
      help:
        'The memcached servers, as HOST:PORT; an IPv6 address as inet6:[ADDRESS]:PORT. All nodes need the ' +
        'same list in the same order.',
    },
    memcache_socket_timeout: {
      type: 'float',
      default: 3,
      help:
        'Seconds to wait for an answer of a memcached server. No request waits longer than 60 ms, ' +
        'whatever stands here.',
    },
    memcache_username: {
      type: 'str',
      default: '',
      inert: 'SASL is not supported',
      help: 'User name for memcached.',
    },
    proxies: {
      type: 'list',
      default: [],
      help:
        'What stands between the service and the cache: npm packages that offer keystone.cache.proxy, or ' +
        'modules as ./file.js:createProxy. Python classes are refused.',
    },
    retry_attempts: {
      type: 'int',
      default: 2,
      min: 1,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'How often an operation on memcached is tried.',
    },
    retry_delay: {
      type: 'float',
      default: 0,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'Seconds between two tries.',
    },
    socket_keepalive_count: {
      type: 'int',
      default: 1,
      min: 0,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'Unanswered probes after which a connection is dropped.',
    },
    socket_keepalive_idle: {
      type: 'int',
      default: 1,
      min: 0,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'Seconds before the first keep-alive probe.',
    },
    socket_keepalive_interval: {
      type: 'int',
      default: 1,
      min: 0,
      inert: 'a failing server is left out until memcache_dead_retry has passed',
      help: 'Seconds between keep-alive probes.',
    },
    tls_allowed_ciphers: {
      type: 'str',
      default: null,
      inert: 'TLS is not supported',
      help: 'Ciphers for memcached, as an OpenSSL list.',
    },
    tls_cafile: {
      type: 'str',
      default: null,
      inert: 'TLS is not supported',
      help: 'CA certificates of memcached servers.',
    },
    tls_certfile: {
      type: 'str',
      default: null,
      inert: 'TLS is not supported',
      help: 'Client certificate for memcached.',
    },
    tls_enabled: {
      type: 'bool',
      default: false,
      help:
        'Speak TLS with memcached. Not supported here: true stops the start, rather than to send data in ' +
        'the clear.',
    },
    tls_keyfile: {
      type: 'str',
      default: null,
      inert: 'TLS is not supported',
      help: 'Private key of tls_certfile.',
    },
  },
} as const satisfies SectionDeclaration;
