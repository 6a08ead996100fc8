import type { SectionDeclaration } from '../../common/config/declaration.js';

export const assignment = {
  help: '',
  options: {
    driver: {
      type: 'str',
      default: null,
      help: '',
    },
    prohibited_implied_role: {
      type: 'list',
      default: ['admin'],
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
