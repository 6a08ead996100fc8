import type { SectionDeclaration } from '../../common/config/declaration.js';

export const unifiedLimit = {
  help: 'Limits of projects.',
  options: {
    cache_time: {
      type: 'int',
      default: null,
      inert: 'limits are not part of this API',
      help: 'Seconds that limits stay in the cache.',
    },
    caching: {
      type: 'bool',
      default: true,
      inert: 'limits are not part of this API',
      help: 'Cache limits.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      inert: 'limits are not part of this API',
      help: 'Backend of limits.',
    },
    enforcement_model: {
      type: 'str',
      default: 'flat',
      choices: ['flat', 'strict_two_level'],
      inert: 'limits are not part of this API',
      help: 'How limits of projects relate.',
    },
    list_limit: {
      type: 'int',
      default: null,
      inert: 'limits are not part of this API',
      help: 'How many limits a list holds at most.',
    },
  },
} as const satisfies SectionDeclaration;
