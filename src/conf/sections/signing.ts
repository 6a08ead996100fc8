import type { SectionDeclaration } from '../../common/config/declaration.js';

export const signing = {
  help: '',
  options: {
    ca_certs: {
      type: 'str',
      default: '/etc/keystone/ssl/certs/ca.pem',
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    ca_key: {
      type: 'str',
      default: '/etc/keystone/ssl/private/cakey.pem',
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    cert_subject: {
      type: 'str',
      default: '/C=US/ST=Unset/L=Unset/O=Unset/CN=www.example.com',
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    certfile: {
      type: 'str',
      default: '/etc/keystone/ssl/certs/signing_cert.pem',
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    key_size: {
      type: 'int',
      default: 2048,
      min: 1024,
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    keyfile: {
      type: 'str',
      default: '/etc/keystone/ssl/private/signing_key.pem',
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    valid_days: {
      type: 'int',
      default: 3650,
      deprecatedForRemoval: 'TODO',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
