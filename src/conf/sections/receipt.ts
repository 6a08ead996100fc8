import type { SectionDeclaration } from '../../common/config/declaration.js';

export const receipt = {
  help: 'Receipts of a sign-in that needs further methods.',
  options: {
    cache_on_issue: {
      type: 'bool',
      default: true,
      help: 'Put a receipt into the cache when it is issued.',
    },
    cache_time: {
      type: 'int',
      default: 300,
      min: 0,
      inert: 'what is secret is not kept in a cache',
      help: 'Seconds that a receipt stays in the cache.',
    },
    caching: {
      type: 'bool',
      default: true,
      inert: 'what is secret is not kept in a cache',
      help: 'Cache receipts, where [cache] is enabled.',
    },
    expiration: {
      type: 'int',
      default: 300,
      min: 0,
      max: 86400,
      help:
        'Seconds that an authentication receipt is valid: the time to present the methods that are still ' +
        'missing.',
    },
    provider: {
      type: 'str',
      default: 'fernet',
      help: 'Kind of receipts; fernet is the only one.',
    },
  },
} as const satisfies SectionDeclaration;
