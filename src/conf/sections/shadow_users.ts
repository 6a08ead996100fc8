import type { SectionDeclaration } from '../../common/config/declaration.js';

export const shadowUsers = {
  help: '',
  options: {
    driver: {
      type: 'str',
      default: 'sql',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
