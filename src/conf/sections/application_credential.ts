import type { SectionDeclaration } from '../../common/config/declaration.js';

export const applicationCredential = {
  help: 'Application credentials.',
  options: {
    cache_time: {
      type: 'int',
      default: null,
      inert: 'what is secret is not kept in a cache',
      help: 'Seconds that an application credential stays in the cache. Unset: [cache] expiration_time.',
    },
    caching: {
      type: 'bool',
      default: true,
      inert: 'what is secret is not kept in a cache',
      help: 'Cache application credentials, where [cache] is enabled.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of application credentials.',
    },
    user_limit: {
      type: 'int',
      default: -1,
      inert: 'there are no application credentials',
      help: 'How many application credentials a user may have; -1 is no limit.',
    },
  },
} as const satisfies SectionDeclaration;
