import type { SectionDeclaration } from '../../common/config/declaration.js';

export const identity = {
  help: '',
  options: {
    cache_time: {
      type: 'int',
      default: 600,
      help: '',
    },
    caching: {
      type: 'bool',
      default: true,
      help: '',
    },
    default_domain_id: {
      type: 'str',
      default: 'default',
      help: '',
    },
    domain_config_dir: {
      type: 'str',
      default: '/etc/keystone/domains',
      help: '',
    },
    domain_configurations_from_database: {
      type: 'bool',
      default: false,
      help: '',
    },
    domain_specific_drivers_enabled: {
      type: 'bool',
      default: false,
      help: '',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: '',
    },
    list_limit: {
      type: 'int',
      default: null,
      help: '',
    },
    max_password_length: {
      type: 'int',
      default: 4096,
      max: 4096,
      help: '',
    },
    password_hash_algorithm: {
      type: 'str',
      default: 'sha512_crypt',
      choices: ['sha512_crypt', 'bcrypt', 'scrypt', 'pbkdf2_sha512'],
      help: '',
    },
    password_hash_rounds: {
      type: 'int',
      default: null,
      help: '',
    },
    salt_bytesize: {
      type: 'int',
      default: null,
      min: 0,
      max: 96,
      help: '',
    },
    scrypt_block_size: {
      type: 'int',
      default: null,
      help: '',
    },
    scrypt_parallelism: {
      type: 'int',
      default: null,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
