import type { SectionDeclaration } from '../../common/config/declaration.js';

export const federation = {
  help: '',
  options: {
    assertion_prefix: {
      type: 'str',
      default: '',
      help: '',
    },
    caching: {
      type: 'bool',
      default: true,
      help: '',
    },
    default_authorization_ttl: {
      type: 'int',
      default: 0,
      help: '',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: '',
    },
    federated_domain_name: {
      type: 'str',
      default: 'Federated',
      help: '',
    },
    remote_id_attribute: {
      type: 'str',
      default: null,
      help: '',
    },
    sso_callback_template: {
      type: 'str',
      default: '/etc/keystone/sso_callback_template.html',
      help: '',
    },
    trusted_dashboard: {
      type: 'multi',
      default: [],
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
