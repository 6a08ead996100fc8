import type { SectionDeclaration } from '../../common/config/declaration.js';

export const domainConfig = {
  help: 'Configuration of single domains by the API.',
  options: {
    cache_time: {
      type: 'int',
      default: 300,
      inert: 'configurations of domains hold passwords and are not kept in a cache',
      help: 'Seconds that the configuration of a domain stays in the cache.',
    },
    caching: {
      type: 'bool',
      default: true,
      inert: 'configurations of domains hold passwords and are not kept in a cache',
      help: 'Cache configurations of domains, where [cache] is enabled.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of configurations of domains that are managed by the API.',
    },
  },
} as const satisfies SectionDeclaration;
