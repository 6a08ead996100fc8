import type { SectionDeclaration } from '../../common/config/declaration.js';

export const osInherit = {
  help: 'Inherited roles.',
  options: {
    enabled: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'inheritance will always be there',
      help: 'Let role assignments on a domain or project be inherited by the projects beneath.',
    },
  },
} as const satisfies SectionDeclaration;
