import type { SectionDeclaration } from '../../common/config/declaration.js';

export const federation = {
  help: 'Users of other identity providers.',
  options: {
    assertion_prefix: {
      type: 'str',
      default: '',
      inert: 'federation is not available',
      help:
        'What the names of attributes of an assertion begin with; other variables of the request are not ' +
        'passed to the mapping.',
    },
    caching: {
      type: 'bool',
      default: true,
      inert: 'nothing but tokens is cached of it',
      help: 'Cache federation data, where [cache] is enabled.',
    },
    default_authorization_ttl: {
      type: 'int',
      default: 0,
      inert: 'federation is not available',
      help:
        'Minutes for which group memberships that a mapping gave remain valid; 0 ends them with the ' +
        'sign-in.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: 'Backend of identity providers, protocols, mappings and service providers.',
    },
    federated_domain_name: {
      type: 'str',
      default: 'Federated',
      help:
        'Name of the domain that federated users without a domain of their own are shown in. No real ' +
        'domain may have it.',
    },
    remote_id_attribute: {
      type: 'str',
      default: null,
      help:
        'Variable of the request that holds the entity id of the identity provider, such as MELLON_IDP or ' +
        'HTTP_OIDC_ISS. A section named like the protocol can set another one.',
    },
    sso_callback_template: {
      type: 'str',
      default: '/etc/keystone/sso_callback_template.html',
      inert: 'federation is not available',
      help: 'HTML page that hands the token of a web sign-in back to the dashboard.',
    },
    trusted_dashboard: {
      type: 'multi',
      default: [],
      inert: 'federation is not available',
      help:
        'URL of a dashboard that web sign-in may return a token to, compared as a whole. Repeat the ' +
        'option for more.',
    },
  },
} as const satisfies SectionDeclaration;
