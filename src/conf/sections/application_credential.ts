import type { SectionDeclaration } from '../../common/config/declaration.js';

export const applicationCredential = {
  help: '',
  options: {
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
    user_limit: {
      type: 'int',
      default: -1,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
