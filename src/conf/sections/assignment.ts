import type { SectionDeclaration } from '../../common/config/declaration.js';

export const assignment = {
  help: 'Roles of users and groups on projects and domains.',
  options: {
    driver: {
      type: 'str',
      default: null,
      help: 'Backend of role assignments. Unset: the one that belongs to the identity driver, which is sql.',
    },
    prohibited_implied_role: {
      type: 'list',
      default: ['admin'],
      help: 'Roles that no other role may imply, by name.',
    },
  },
} as const satisfies SectionDeclaration;
