import type { SectionDeclaration } from '../../common/config/declaration.js';

export const database = {
  help: '',
  options: {
    backend: {
      type: 'str',
      default: 'sqlalchemy',
      formerNames: [{ group: 'DEFAULT', name: 'db_backend' }],
      help: '',
    },
    connection: {
      type: 'str',
      default: 'sqlite:///keystone.db',
      formerNames: [
        { group: 'DEFAULT', name: 'sql_connection' },
        { group: 'DATABASE', name: 'sql_connection' },
        { group: 'sql' },
      ],
      secret: true,
      help: '',
    },
    connection_debug: {
      type: 'int',
      default: 0,
      min: 0,
      max: 100,
      formerNames: [{ group: 'DEFAULT', name: 'sql_connection_debug' }],
      help: '',
    },
    connection_parameters: {
      type: 'str',
      default: '',
      secret: true,
      help: '',
    },
    connection_trace: {
      type: 'bool',
      default: false,
      formerNames: [{ group: 'DEFAULT', name: 'sql_connection_trace' }],
      help: '',
    },
    db_inc_retry_interval: {
      type: 'bool',
      default: true,
      help: '',
    },
    db_max_retries: {
      type: 'int',
      default: 20,
      help: '',
    },
    db_max_retry_interval: {
      type: 'int',
      default: 10,
      help: '',
    },
    db_retry_interval: {
      type: 'int',
      default: 1,
      help: '',
    },
    idle_timeout: {
      type: 'int',
      default: 3600,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_idle_timeout' },
        { group: 'DATABASE', name: 'sql_idle_timeout' },
        { group: 'sql' },
      ],
      laterNames: ['connection_recycle_time'],
      help: '',
    },
    max_overflow: {
      type: 'int',
      default: 50,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_max_overflow' },
        { group: 'DATABASE', name: 'sqlalchemy_max_overflow' },
      ],
      help: '',
    },
    max_pool_size: {
      type: 'int',
      default: 5,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_max_pool_size' },
        { group: 'DATABASE', name: 'sql_max_pool_size' },
      ],
      help: '',
    },
    max_retries: {
      type: 'int',
      default: 10,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_max_retries' },
        { group: 'DATABASE', name: 'sql_max_retries' },
      ],
      help: '',
    },
    min_pool_size: {
      type: 'int',
      default: 1,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_min_pool_size' },
        { group: 'DATABASE', name: 'sql_min_pool_size' },
      ],
      help: '',
    },
    mysql_enable_ndb: {
      type: 'bool',
      default: false,
      help: '',
    },
    mysql_sql_mode: {
      type: 'str',
      default: 'TRADITIONAL',
      help: '',
    },
    pool_timeout: {
      type: 'int',
      default: null,
      formerNames: [{ group: 'DATABASE', name: 'sqlalchemy_pool_timeout' }],
      help: '',
    },
    retry_interval: {
      type: 'int',
      default: 10,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_retry_interval' },
        { group: 'DATABASE', name: 'reconnect_interval' },
      ],
      help: '',
    },
    slave_connection: {
      type: 'str',
      default: null,
      secret: true,
      help: '',
    },
    sqlite_db: {
      type: 'str',
      default: 'oslo.sqlite',
      formerNames: [{ group: 'DEFAULT' }],
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    sqlite_synchronous: {
      type: 'bool',
      default: true,
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    use_db_reconnect: {
      type: 'bool',
      default: false,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
