import type { SectionDeclaration } from '../../common/config/declaration.js';

export const role = {
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
      default: null,
      help: '',
    },
    list_limit: {
      type: 'int',
      default: null,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
