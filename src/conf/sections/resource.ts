import type { SectionDeclaration } from '../../common/config/declaration.js';

export const resource = {
  help: '',
  options: {
    admin_project_domain_name: {
      type: 'str',
      default: null,
      help: '',
    },
    admin_project_name: {
      type: 'str',
      default: null,
      help: '',
    },
    cache_time: {
      type: 'int',
      default: null,
      formerNames: [{ group: 'assignment' }],
      help: '',
    },
    caching: {
      type: 'bool',
      default: true,
      formerNames: [{ group: 'assignment' }],
      help: '',
    },
    domain_name_url_safe: {
      type: 'str',
      default: 'off',
      choices: ['off', 'new', 'strict'],
      help: '',
    },
    driver: {
      type: 'str',
      default: null,
      help: '',
    },
    list_limit: {
      type: 'int',
      default: null,
      formerNames: [{ group: 'assignment' }],
      help: '',
    },
    project_name_url_safe: {
      type: 'str',
      default: 'off',
      choices: ['off', 'new', 'strict'],
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
