import type { SectionDeclaration } from '../../common/config/declaration.js';

export const cors = {
  help: '',
  options: {
    allow_credentials: {
      type: 'bool',
      default: true,
      help: '',
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
      help: '',
    },
    allow_methods: {
      type: 'list',
      default: ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'],
      help: '',
    },
    allowed_origin: {
      type: 'list',
      default: null,
      help: '',
    },
    expose_headers: {
      type: 'list',
      default: ['X-Auth-Token', 'X-Openstack-Request-Id', 'X-Subject-Token'],
      help: '',
    },
    max_age: {
      type: 'int',
      default: 3600,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
