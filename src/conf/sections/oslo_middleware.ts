import type { SectionDeclaration } from '../../common/config/declaration.js';

export const osloMiddleware = {
  help: 'Filters of oslo.middleware. Options in the paste file go first.',
  options: {
    enable_proxy_headers_parsing: {
      type: 'bool',
      default: false,
      help:
        'Let the http_proxy_to_wsgi filter take scheme, host and prefix of links from X-Forwarded-* and ' +
        'Forwarded. Only behind a proxy that sets these headers itself.',
    },
    http_basic_auth_user_file: {
      type: 'str',
      default: '/etc/htpasswd',
      inert: 'there is no such filter; let the web server do it',
      help: 'Passwords for HTTP basic authentication.',
    },
    max_request_body_size: {
      type: 'int',
      default: 114688,
      formerNames: [{ group: 'DEFAULT', name: 'osapi_max_request_body_size' }, { group: 'DEFAULT' }],
      help: 'Largest body of a request, in bytes; a larger one is answered by 413.',
    },
    secure_proxy_ssl_header: {
      type: 'str',
      default: 'X-Forwarded-Proto',
      deprecatedForRemoval: 'use enable_proxy_headers_parsing',
      help: 'Header whose value becomes the scheme of links.',
    },
  },
} as const satisfies SectionDeclaration;
