import type { SectionDeclaration } from '../../common/config/declaration.js';

export const endpointPolicy = {
  help: 'Policies of single endpoints.',
  options: {
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of the associations of policies with endpoints.',
    },
    enabled: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'the API will always be there',
      help: 'Offer the API that associates policies with endpoints.',
    },
  },
} as const satisfies SectionDeclaration;
