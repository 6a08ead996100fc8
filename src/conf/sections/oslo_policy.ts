import type { SectionDeclaration } from '../../common/config/declaration.js';

export const osloPolicy = {
  help: '',
  options: {
    enforce_new_defaults: {
      type: 'bool',
      default: false,
      help: '',
    },
    enforce_scope: {
      type: 'bool',
      default: false,
      help: '',
    },
    policy_default_rule: {
      type: 'str',
      default: 'default',
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    policy_dirs: {
      type: 'multi',
      default: ['policy.d'],
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    policy_file: {
      type: 'str',
      default: 'policy.json',
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    remote_content_type: {
      type: 'str',
      default: 'application/x-www-form-urlencoded',
      choices: ['application/x-www-form-urlencoded', 'application/json'],
      help: '',
    },
    remote_ssl_ca_crt_file: {
      type: 'str',
      default: null,
      help: '',
    },
    remote_ssl_client_crt_file: {
      type: 'str',
      default: null,
      help: '',
    },
    remote_ssl_client_key_file: {
      type: 'str',
      default: null,
      help: '',
    },
    remote_ssl_verify_server_crt: {
      type: 'bool',
      default: false,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
