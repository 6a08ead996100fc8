import type { SectionDeclaration } from '../../common/config/declaration.js';

export const identity = {
  help: 'Users, groups and passwords.',
  options: {
    cache_time: {
      type: 'int',
      default: 600,
      help: 'Seconds that users and groups stay in the cache.',
    },
    caching: {
      type: 'bool',
      default: true,
      help: 'Cache users and groups, where [cache] is enabled.',
    },
    default_domain_id: {
      type: 'str',
      default: 'default',
      help: 'Id of the domain that the v2.0 API, which knows no domains, works in. It cannot be deleted.',
    },
    domain_config_dir: {
      type: 'str',
      default: '/etc/keystone/domains',
      help: 'Folder of the files keystone.DOMAIN.conf.',
    },
    domain_configurations_from_database: {
      type: 'bool',
      default: false,
      help:
        'Take configurations of domains from the database, where the domain configuration API keeps them, ' +
        'instead of from files.',
    },
    domain_specific_drivers_enabled: {
      type: 'bool',
      default: false,
      help:
        'Let domains have identity backends of their own. What such a domain does not set has its ' +
        'default, not the value in this file.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of users and groups: sql or ldap.',
    },
    list_limit: {
      type: 'int',
      default: null,
      help: 'How many users or groups a list holds at most. Unset: [DEFAULT] list_limit.',
    },
    max_password_length: {
      type: 'int',
      default: 4096,
      max: 4096,
      help: 'Longest password, in characters; see [DEFAULT] strict_password_check.',
    },
    password_hash_algorithm: {
      type: 'str',
      default: 'sha512_crypt',
      choices: ['sha512_crypt', 'bcrypt', 'scrypt', 'pbkdf2_sha512'],
      help:
        'How new passwords are hashed. Hashes of every algorithm named here can be verified whatever is ' +
        'set. The Newton release knows only sha512_crypt, later ones know only the others.',
    },
    password_hash_rounds: {
      type: 'int',
      default: null,
      help:
        'Cost of new hashes. Unset: [DEFAULT] crypt_strength for sha512_crypt, 12 for bcrypt (4 to 31), ' +
        '16 for scrypt (1 to 31, a power of two, which also sets the memory), 60000 for pbkdf2_sha512.',
    },
    salt_bytesize: {
      type: 'int',
      default: null,
      min: 0,
      max: 96,
      help: 'Length of the salt of scrypt and pbkdf2_sha512 hashes, in bytes. Unset: 16.',
    },
    scrypt_block_size: {
      type: 'int',
      default: null,
      help: 'Block size (r) of scrypt hashes. Unset: 8.',
    },
    scrypt_parallelism: {
      type: 'int',
      default: null,
      help: 'Parallelism (p) of scrypt hashes. Unset: 1.',
    },
  },
} as const satisfies SectionDeclaration;
