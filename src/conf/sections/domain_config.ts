import type { SectionDeclaration } from '../../common/config/declaration.js';

export const domainConfig = {
  help: '',
  options: {
    cache_time: {
      type: 'int',
      default: 300,
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
  },
} as const satisfies SectionDeclaration;
