import type { SectionDeclaration } from '../../common/config/declaration.js';
import { defaultLogging } from './default_logging.js';
import { defaultMessaging } from './default_messaging.js';

export const defaults = {
  help: '',
  options: {
    admin_endpoint: {
      type: 'str',
      default: null,
      help: '',
    },
    admin_token: {
      type: 'str',
      default: null,
      secret: true,
      help: '',
    },
    crypt_strength: {
      type: 'int',
      default: 10000,
      min: 1000,
      max: 100000,
      help: '',
    },
    default_publisher_id: {
      type: 'str',
      default: null,
      help: '',
    },
    domain_id_immutable: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    insecure_debug: {
      type: 'bool',
      default: false,
      help: '',
    },
    list_limit: {
      type: 'int',
      default: null,
      help: '',
    },
    max_param_size: {
      type: 'int',
      default: 64,
      help: '',
    },
    max_project_tree_depth: {
      type: 'int',
      default: 5,
      help: '',
    },
    max_token_size: {
      type: 'int',
      default: 8192,
      help: '',
    },
    member_role_id: {
      type: 'str',
      default: '9fe2ff9ee4384b1894a90878d3e92bab',
      help: '',
    },
    member_role_name: {
      type: 'str',
      default: '_member_',
      help: '',
    },
    notification_format: {
      type: 'str',
      default: 'basic',
      choices: ['basic', 'cadf'],
      help: '',
    },
    notification_opt_out: {
      type: 'multi',
      default: [],
      help: '',
    },
    public_endpoint: {
      type: 'str',
      default: null,
      help: '',
    },
    pydev_debug_host: {
      type: 'str',
      default: null,
      help: '',
    },
    pydev_debug_port: {
      type: 'port',
      default: null,
      help: '',
    },
    secure_proxy_ssl_header: {
      type: 'str',
      default: 'HTTP_X_FORWARDED_PROTO',
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    standard_threads: {
      type: 'bool',
      default: false,
      help: '',
    },
    strict_password_check: {
      type: 'bool',
      default: false,
      help: '',
    },
    ...defaultLogging,
    ...defaultMessaging,
  },
} as const satisfies SectionDeclaration;
