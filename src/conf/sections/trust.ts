import type { SectionDeclaration } from '../../common/config/declaration.js';

export const trust = {
  help: 'Delegation by trusts.',
  options: {
    allow_redelegation: {
      type: 'bool',
      default: false,
      help: 'Allow to pass a trust on. False: a trust that allows it cannot be created.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of trusts.',
    },
    enabled: {
      type: 'bool',
      default: true,
      help: 'Offer trusts.',
    },
    max_redelegation_count: {
      type: 'int',
      default: 3,
      help: 'How often a trust may be passed on at most.',
    },
  },
} as const satisfies SectionDeclaration;
