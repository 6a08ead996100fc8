import type { SectionDeclaration } from '../../common/config/declaration.js';

export const tokenlessAuth = {
  help: '',
  options: {
    issuer_attribute: {
      type: 'str',
      default: 'SSL_CLIENT_I_DN',
      help: '',
    },
    protocol: {
      type: 'str',
      default: 'x509',
      help: '',
    },
    trusted_issuer: {
      type: 'multi',
      default: [],
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
