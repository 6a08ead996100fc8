import type { SectionDeclaration } from '../../common/config/declaration.js';

export const database = {
  help: 'The SQL database.',
  options: {
    backend: {
      type: 'str',
      default: 'sqlalchemy',
      formerNames: [{ group: 'DEFAULT', name: 'db_backend' }],
      inert: 'there is one library',
      help: 'Library that speaks with the database.',
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
      help:
        'The database, as a SQLAlchemy URL: sqlite:////absolute/path, ' +
        'mysql+pymysql://USER:PASSWORD@HOST/NAME?charset=utf8, postgresql://USER:PASSWORD@HOST/NAME. ' +
        'Special characters of user and password are percent-encoded (@ is %40), a dollar sign is written ' +
        '$$.',
    },
    connection_debug: {
      type: 'int',
      default: 0,
      min: 0,
      max: 100,
      formerNames: [{ group: 'DEFAULT', name: 'sql_connection_debug' }],
      inert: 'statements are not logged',
      help: '50 and more log every SQL statement, 100 its results as well.',
    },
    connection_parameters: {
      type: 'str',
      default: '',
      secret: true,
      inert: 'parameters are read from the URL of connection',
      help: 'Parameters that are added to the URL of connection, as NAME=VALUE&NAME=VALUE.',
    },
    connection_trace: {
      type: 'bool',
      default: false,
      formerNames: [{ group: 'DEFAULT', name: 'sql_connection_trace' }],
      inert: 'statements carry no comments',
      help: 'Add the stack of the caller to SQL statements as a comment.',
    },
    db_inc_retry_interval: {
      type: 'bool',
      default: true,
      help: 'Double the pause after each further retry of a transaction, up to db_max_retry_interval.',
    },
    db_max_retries: {
      type: 'int',
      default: 20,
      help:
        'How often a transaction that met a deadlock or a lost connection is tried again; -1 is without ' +
        'end.',
    },
    db_max_retry_interval: {
      type: 'int',
      default: 10,
      help: 'Longest pause between two tries of a transaction, in seconds.',
    },
    db_retry_interval: {
      type: 'int',
      default: 1,
      help: 'Pause before a transaction is tried again, in seconds.',
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
      help:
        "Seconds after which a pooled connection is replaced by a new one. Keep it under the server's " +
        'wait_timeout.',
    },
    max_overflow: {
      type: 'int',
      default: 50,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_max_overflow' },
        { group: 'DATABASE', name: 'sqlalchemy_max_overflow' },
      ],
      help: 'Connections that may be opened beyond max_pool_size under load.',
    },
    max_pool_size: {
      type: 'int',
      default: 5,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_max_pool_size' },
        { group: 'DATABASE', name: 'sql_max_pool_size' },
      ],
      help: 'Connections that the pool of each worker holds open; 0 is no limit.',
    },
    max_retries: {
      type: 'int',
      default: 10,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_max_retries' },
        { group: 'DATABASE', name: 'sql_max_retries' },
      ],
      help: 'How often a failed connection is tried again when the service starts; -1 is without end.',
    },
    min_pool_size: {
      type: 'int',
      default: 1,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_min_pool_size' },
        { group: 'DATABASE', name: 'sql_min_pool_size' },
      ],
      help: 'Connections that the pool keeps open when there is nothing to do.',
    },
    mysql_enable_ndb: {
      type: 'bool',
      default: false,
      inert: 'NDB is not supported',
      help: 'Adjust the schema to MySQL Cluster (NDB).',
    },
    mysql_sql_mode: {
      type: 'str',
      default: 'TRADITIONAL',
      help: "SQL mode of MySQL and MariaDB sessions. Empty: the server's own.",
    },
    pool_timeout: {
      type: 'int',
      default: null,
      formerNames: [{ group: 'DATABASE', name: 'sqlalchemy_pool_timeout' }],
      help: 'Seconds to wait for a free connection of the pool. Unset: 30.',
    },
    retry_interval: {
      type: 'int',
      default: 10,
      formerNames: [
        { group: 'DEFAULT', name: 'sql_retry_interval' },
        { group: 'DATABASE', name: 'reconnect_interval' },
      ],
      help: 'Seconds between two attempts to connect when the service starts.',
    },
    slave_connection: {
      type: 'str',
      default: null,
      inert: 'all statements go to connection, as in Keystone, whose reads must see what was just written',
      secret: true,
      help: 'A read-only copy of the database.',
    },
    sqlite_db: {
      type: 'str',
      default: 'oslo.sqlite',
      formerNames: [{ group: 'DEFAULT' }],
      deprecatedForRemoval: 'use connection',
      inert: 'connection names the file',
      help: 'File of the SQLite database; connection is used instead.',
    },
    sqlite_synchronous: {
      type: 'bool',
      default: true,
      formerNames: [{ group: 'DEFAULT' }],
      help: 'Let SQLite wait until data is on the disk. False is faster and loses data when the host fails.',
    },
    use_db_reconnect: {
      type: 'bool',
      default: false,
      help: 'Try transactions again after the connection to the database was lost, not only after a deadlock.',
    },
  },
} as const satisfies SectionDeclaration;
