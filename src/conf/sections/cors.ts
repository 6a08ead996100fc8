import type { SectionDeclaration } from '../../common/config/declaration.js';

export const cors = {
  help: 'Cross-origin requests. Further origins with settings of their own have sections [cors.NAME].',
  options: {
    allow_credentials: {
      type: 'bool',
      default: true,
      help: 'Allow a page of the origin to send credentials.',
    },
    allow_headers: {
      type: 'list',
      default: [
        'X-Auth-Token',
        'X-Openstack-Request-Id',
        'X-Subject-Token',
        'X-Project-Id',
        'X-Project-Name',
        'X-Project-Domain-Id',
        'X-Project-Domain-Name',
        'X-Domain-Id',
        'X-Domain-Name',
      ],
      help: 'Request headers that a page of the origin may send.',
    },
    allow_methods: {
      type: 'list',
      default: ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'],
      help: 'Methods that a page of the origin may use.',
    },
    allowed_origin: {
      type: 'list',
      default: null,
      help:
        'Origins whose pages may use the API, as SCHEME://HOST[:PORT] without a final slash; * is any. ' +
        'Unset: the cors filter does nothing.',
    },
    expose_headers: {
      type: 'list',
      default: ['X-Auth-Token', 'X-Openstack-Request-Id', 'X-Subject-Token'],
      help: 'Response headers that a page of the origin may read.',
    },
    max_age: {
      type: 'int',
      default: 3600,
      help: 'Seconds that a browser may remember the answer to a preflight request.',
    },
  },
} as const satisfies SectionDeclaration;
