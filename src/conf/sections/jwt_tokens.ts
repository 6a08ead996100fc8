import type { SectionDeclaration } from '../../common/config/declaration.js';

export const jwtTokens = {
  help: 'Keys of jws tokens.',
  options: {
    jws_private_key_repository: {
      type: 'str',
      default: '/etc/keystone/jws-keys/private',
      inert: 'there are no jws tokens',
      help: 'Folder of private.pem, which jws tokens are signed with.',
    },
    jws_public_key_repository: {
      type: 'str',
      default: '/etc/keystone/jws-keys/public',
      inert: 'there are no jws tokens',
      help: 'Folder of the public keys (*.pem) that signatures of jws tokens are verified with.',
    },
  },
} as const satisfies SectionDeclaration;
