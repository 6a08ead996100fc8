import type { SectionDeclaration } from '../../common/config/declaration.js';

export const oauth1 = {
  help: 'Delegation by OAuth 1.0a.',
  options: {
    access_token_duration: {
      type: 'int',
      default: 86400,
      min: 0,
      help: 'Seconds that an access token is valid; 0 is for ever.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of OAuth consumers and tokens.',
    },
    request_token_duration: {
      type: 'int',
      default: 28800,
      min: 0,
      help: 'Seconds in which a request token must be authorized; 0 is for ever.',
    },
  },
} as const satisfies SectionDeclaration;
