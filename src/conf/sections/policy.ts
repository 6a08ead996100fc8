import type { SectionDeclaration } from '../../common/config/declaration.js';

export const policy = {
  help: 'The policy API, by which other services can fetch policies.',
  options: {
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of policies that the policy API keeps for other services.',
    },
    list_limit: {
      type: 'int',
      default: null,
      help: 'How many policies a list holds at most. Unset: [DEFAULT] list_limit.',
    },
  },
} as const satisfies SectionDeclaration;
