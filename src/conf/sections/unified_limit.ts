import type { SectionDeclaration } from '../../common/config/declaration.js';

export const unifiedLimit = {
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
    enforcement_model: {
      type: 'str',
      default: 'flat',
      choices: ['flat', 'strict_two_level'],
      help: '',
    },
    list_limit: {
      type: 'int',
      default: null,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
