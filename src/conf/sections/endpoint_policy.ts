import type { SectionDeclaration } from '../../common/config/declaration.js';

export const endpointPolicy = {
  help: '',
  options: {
    driver: {
      type: 'str',
      default: 'sql',
      help: '',
    },
    enabled: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'TODO',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
