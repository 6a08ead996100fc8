import type { SectionDeclaration } from '../../common/config/declaration.js';

export const fernetTokens = {
  help: '',
  options: {
    key_repository: {
      type: 'str',
      default: '/etc/keystone/fernet-keys/',
      help: '',
    },
    max_active_keys: {
      type: 'int',
      default: 3,
      min: 1,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
