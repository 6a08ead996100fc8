import type { SectionDeclaration } from '../../common/config/declaration.js';

export const catalog = {
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
    list_limit: {
      type: 'int',
      default: null,
      help: '',
    },
    template_file: {
      type: 'str',
      default: 'default_catalog.templates',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
