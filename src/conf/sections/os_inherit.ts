import type { SectionDeclaration } from '../../common/config/declaration.js';

export const osInherit = {
  help: '',
  options: {
    enabled: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'TODO',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
