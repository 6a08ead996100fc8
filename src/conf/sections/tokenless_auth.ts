import type { SectionDeclaration } from '../../common/config/declaration.js';

export const tokenlessAuth = {
  help: 'Client certificates in place of tokens.',
  options: {
    issuer_attribute: {
      type: 'str',
      default: 'SSL_CLIENT_I_DN',
      help: 'Variable of the request that holds the issuer of the client certificate.',
    },
    protocol: {
      type: 'str',
      default: 'x509',
      help: 'Federation protocol that client certificates are mapped by.',
    },
    trusted_issuer: {
      type: 'multi',
      default: [],
      help:
        'Issuer of client certificates that replace a token, as a distinguished name with commas and no ' +
        'blanks. Repeat the option for more. Unset: none.',
    },
  },
} as const satisfies SectionDeclaration;
