import type { SectionDeclaration } from '../../common/config/declaration.js';

export const identityMapping = {
  help: 'Public ids of users and groups of directories.',
  options: {
    backward_compatible_ids: {
      type: 'bool',
      default: true,
      help:
        'Keep the ids of LDAP users and groups of the default domain as they are in the directory. Set it ' +
        'to false only in a new installation: ids change.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of the mapping between public ids and those of directories.',
    },
    generator: {
      type: 'str',
      default: 'sha256',
      help: 'How public ids are made: sha256, or the npm package that offers another way.',
    },
  },
} as const satisfies SectionDeclaration;
