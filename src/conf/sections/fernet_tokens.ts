import type { SectionDeclaration } from '../../common/config/declaration.js';

export const fernetTokens = {
  help: 'Keys of Fernet tokens.',
  options: {
    key_repository: {
      type: 'str',
      default: '/etc/keystone/fernet-keys/',
      help:
        'Folder of the keys of Fernet tokens. All nodes need the same keys. Made by keystone-manage ' +
        'fernet_setup, renewed by fernet_rotate.',
    },
    max_active_keys: {
      type: 'int',
      default: 3,
      min: 1,
      help:
        'How many keys rotation keeps: the staged one, the primary one and older ones. A token can be ' +
        'read as long as its key is there: keep enough for [token] expiration and the interval of ' +
        'rotation.',
    },
  },
} as const satisfies SectionDeclaration;
