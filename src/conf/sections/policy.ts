import type { SectionDeclaration } from '../../common/config/declaration.js';

export const policy = {
  help: '',
  options: {
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
  },
} as const satisfies SectionDeclaration;
