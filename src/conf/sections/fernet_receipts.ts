import type { SectionDeclaration } from '../../common/config/declaration.js';

export const fernetReceipts = {
  help: 'Keys of authentication receipts.',
  options: {
    key_repository: {
      type: 'str',
      default: '/etc/keystone/fernet-keys/',
      help: 'Folder of the keys of authentication receipts. It may be the one of [fernet_tokens].',
    },
    max_active_keys: {
      type: 'int',
      default: 3,
      min: 1,
      help: 'How many keys rotation keeps: the staged one, the primary one and older ones.',
    },
  },
} as const satisfies SectionDeclaration;
