import type { SectionDeclaration } from '../../common/config/declaration.js';

export const oauth1 = {
  help: '',
  options: {
    access_token_duration: {
      type: 'int',
      default: 86400,
      min: 0,
      help: '',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: '',
    },
    request_token_duration: {
      type: 'int',
      default: 28800,
      min: 0,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
