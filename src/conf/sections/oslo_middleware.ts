import type { SectionDeclaration } from '../../common/config/declaration.js';

export const osloMiddleware = {
  help: '',
  options: {
    enable_proxy_headers_parsing: {
      type: 'bool',
      default: false,
      help: '',
    },
    http_basic_auth_user_file: {
      type: 'str',
      default: '/etc/htpasswd',
      help: '',
    },
    max_request_body_size: {
      type: 'int',
      default: 114688,
      formerNames: [{ group: 'DEFAULT', name: 'osapi_max_request_body_size' }, { group: 'DEFAULT' }],
      help: '',
    },
    secure_proxy_ssl_header: {
      type: 'str',
      default: 'X-Forwarded-Proto',
      deprecatedForRemoval: 'TODO',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
