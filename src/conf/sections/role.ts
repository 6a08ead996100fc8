import type { SectionDeclaration } from '../../common/config/declaration.js';

export const role = {
  help: 'Roles.',
  options: {
    cache_time: {
      type: 'int',
      default: null,
      help: 'Seconds that roles stay in the cache. Unset: [cache] expiration_time.',
    },
    caching: {
      type: 'bool',
      default: true,
      help: 'Cache roles, where [cache] is enabled.',
    },
    driver: {
      type: 'str',
      default: null,
      help: 'Backend of roles. Unset: sql.',
    },
    list_limit: {
      type: 'int',
      default: null,
      help: 'How many roles a list holds at most. Unset: [DEFAULT] list_limit.',
    },
  },
} as const satisfies SectionDeclaration;
