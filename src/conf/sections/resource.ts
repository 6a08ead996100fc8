import type { SectionDeclaration } from '../../common/config/declaration.js';

export const resource = {
  help: 'Projects and domains.',
  options: {
    admin_project_domain_name: {
      type: 'str',
      default: null,
      help: 'Domain of admin_project_name.',
    },
    admin_project_name: {
      type: 'str',
      default: null,
      help:
        'Project whose tokens carry is_admin_project, for policies that let its administrators act ' +
        'everywhere. Both options are needed.',
    },
    cache_time: {
      type: 'int',
      default: null,
      formerNames: [{ group: 'assignment' }],
      help: 'Seconds that projects and domains stay in the cache. Unset: [cache] expiration_time.',
    },
    caching: {
      type: 'bool',
      default: true,
      formerNames: [{ group: 'assignment' }],
      help: 'Cache projects and domains, where [cache] is enabled.',
    },
    domain_name_url_safe: {
      type: 'str',
      default: 'off',
      choices: ['off', 'new', 'strict'],
      help:
        'Names of domains with characters that URLs reserve: allowed (off), refused for new ones (new), ' +
        'useless for sign-in as well (strict).',
    },
    driver: {
      type: 'str',
      default: null,
      help: 'Backend of projects and domains. Unset: sql.',
    },
    list_limit: {
      type: 'int',
      default: null,
      formerNames: [{ group: 'assignment' }],
      help: 'How many projects or domains a list holds at most. Unset: [DEFAULT] list_limit.',
    },
    project_name_url_safe: {
      type: 'str',
      default: 'off',
      choices: ['off', 'new', 'strict'],
      help:
        'Names of projects with characters that URLs reserve: allowed (off), refused for new ones (new), ' +
        'useless for sign-in as well (strict).',
    },
  },
} as const satisfies SectionDeclaration;
