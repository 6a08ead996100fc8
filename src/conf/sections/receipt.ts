import type { SectionDeclaration } from '../../common/config/declaration.js';

export const receipt = {
  help: '',
  options: {
    cache_on_issue: {
      type: 'bool',
      default: true,
      help: '',
    },
    cache_time: {
      type: 'int',
      default: 300,
      min: 0,
      help: '',
    },
    caching: {
      type: 'bool',
      default: true,
      help: '',
    },
    expiration: {
      type: 'int',
      default: 300,
      min: 0,
      max: 86400,
      help: '',
    },
    provider: {
      type: 'str',
      default: 'fernet',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
