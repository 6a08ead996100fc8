import type { SectionDeclaration } from '../../common/config/declaration.js';

export const revoke = {
  help: '',
  options: {
    cache_time: {
      type: 'int',
      default: 3600,
      formerNames: [{ group: 'token', name: 'revocation_cache_time' }],
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
    expiration_buffer: {
      type: 'int',
      default: 1800,
      min: 0,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
