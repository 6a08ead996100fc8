import type { SectionDeclaration } from '../../common/config/declaration.js';

export const credential = {
  help: 'Credentials such as EC2 key pairs and TOTP seeds.',
  options: {
    auth_ttl: {
      type: 'int',
      default: 15,
      help: 'Minutes for which a signed EC2 request is good from the time that it holds.',
    },
    cache_time: {
      type: 'int',
      default: null,
      inert: 'credentials are secrets and are not kept in a cache',
      help: 'Seconds that credentials stay in the cache. Unset: [cache] expiration_time.',
    },
    caching: {
      type: 'bool',
      default: true,
      inert: 'credentials are secrets and are not kept in a cache',
      help: 'Cache the credentials of a user, where [cache] is enabled.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of credentials.',
    },
    key_repository: {
      type: 'str',
      default: '/etc/keystone/credential-keys/',
      help:
        'Folder of the keys that credentials are encrypted with. All nodes need the same keys. Made by ' +
        'keystone-manage credential_setup, renewed by credential_rotate and credential_migrate.',
    },
    provider: {
      type: 'str',
      default: 'fernet',
      help: 'How credentials are encrypted; fernet is the only way.',
    },
    user_limit: {
      type: 'int',
      default: -1,
      inert: 'the credentials of a user are not counted',
      help: 'How many credentials a user may have; -1 is no limit.',
    },
  },
} as const satisfies SectionDeclaration;
