import type { SectionDeclaration } from '../../common/config/declaration.js';

export const revoke = {
  help: 'Revocation of tokens.',
  options: {
    cache_time: {
      type: 'int',
      default: 3600,
      formerNames: [{ group: 'token', name: 'revocation_cache_time' }],
      help: 'Seconds that revocation events stay in the cache.',
    },
    caching: {
      type: 'bool',
      default: true,
      help: 'Cache revocation events, where [cache] is enabled.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of revocation events.',
    },
    expiration_buffer: {
      type: 'int',
      default: 1800,
      min: 0,
      help: 'Seconds that a revocation event is kept after the last token that it concerns has expired.',
    },
  },
} as const satisfies SectionDeclaration;
