import type { SectionDeclaration } from '../../common/config/declaration.js';

export const shadowUsers = {
  help: 'Local shadows of federated users.',
  options: {
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of the local shadows of federated users.',
    },
  },
} as const satisfies SectionDeclaration;
