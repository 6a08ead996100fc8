import type { SectionDeclaration } from '../../common/config/declaration.js';

export const signing = {
  help: 'Keys of pki and pkiz tokens.',
  options: {
    ca_certs: {
      type: 'str',
      default: '/etc/keystone/ssl/certs/ca.pem',
      deprecatedForRemoval: 'pki and pkiz tokens are deprecated',
      help: 'CA certificate of the signing certificate.',
    },
    ca_key: {
      type: 'str',
      default: '/etc/keystone/ssl/private/cakey.pem',
      deprecatedForRemoval: 'pki and pkiz tokens are deprecated',
      help: 'Private key of that CA, for keystone-manage pki_setup.',
    },
    cert_subject: {
      type: 'str',
      default: '/C=US/ST=Unset/L=Unset/O=Unset/CN=www.example.com',
      deprecatedForRemoval: 'pki and pkiz tokens are deprecated',
      help: 'Subject of the certificate that keystone-manage pki_setup makes.',
    },
    certfile: {
      type: 'str',
      default: '/etc/keystone/ssl/certs/signing_cert.pem',
      deprecatedForRemoval: 'pki and pkiz tokens are deprecated',
      help: 'Certificate of keyfile.',
    },
    key_size: {
      type: 'int',
      default: 2048,
      min: 1024,
      deprecatedForRemoval: 'pki and pkiz tokens are deprecated',
      help: 'Size of new keys, in bits.',
    },
    keyfile: {
      type: 'str',
      default: '/etc/keystone/ssl/private/signing_key.pem',
      deprecatedForRemoval: 'pki and pkiz tokens are deprecated',
      help: 'Private key that pki and pkiz tokens and revocation lists are signed with.',
    },
    valid_days: {
      type: 'int',
      default: 3650,
      deprecatedForRemoval: 'pki and pkiz tokens are deprecated',
      help: 'Days that certificates of keystone-manage pki_setup are valid.',
    },
  },
} as const satisfies SectionDeclaration;
