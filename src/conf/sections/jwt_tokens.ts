import type { SectionDeclaration } from '../../common/config/declaration.js';

export const jwtTokens = {
  help: '',
  options: {
    jws_private_key_repository: {
      type: 'str',
      default: '/etc/keystone/jws-keys/private',
      help: '',
    },
    jws_public_key_repository: {
      type: 'str',
      default: '/etc/keystone/jws-keys/public',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
