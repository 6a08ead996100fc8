import type { SectionDeclaration } from '../../common/config/declaration.js';

export const trust = {
  help: '',
  options: {
    allow_redelegation: {
      type: 'bool',
      default: false,
      help: '',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: '',
    },
    enabled: {
      type: 'bool',
      default: true,
      help: '',
    },
    max_redelegation_count: {
      type: 'int',
      default: 3,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
