import type { SectionDeclaration } from '../../common/config/declaration.js';

export const credential = {
  help: '',
  options: {
    auth_ttl: {
      type: 'int',
      default: 15,
      help: '',
    },
    cache_time: {
      type: 'int',
      default: null,
      help: '',
    },
    caching: {
      type: 'bool',
      default: true,
      help: '',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: '',
    },
    key_repository: {
      type: 'str',
      default: '/etc/keystone/credential-keys/',
      help: '',
    },
    provider: {
      type: 'str',
      default: 'fernet',
      help: '',
    },
    user_limit: {
      type: 'int',
      default: -1,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
