import type { SectionDeclaration } from '../../common/config/declaration.js';

export const auth = {
  help: 'Authentication methods. For each name in methods an option of that name may choose another plugin.',
  options: {
    additional_primary_auth_methods: {
      type: 'list',
      default: [],
      inert: 'a token counts as delegated by what it holds, not by its methods',
      help:
        'Methods of plugins of your own by which a person signs in directly. Tokens obtained by any other ' +
        'unknown method count as delegated and may not create trusts or credentials.',
    },
    application_credential: {
      type: 'str',
      default: null,
      help: 'Plugin of the application_credential method. Set it only to use one of your own.',
    },
    external: {
      type: 'str',
      default: null,
      help:
        'Plugin for users that the web server has authenticated: DefaultDomain (the default), Domain or ' +
        'KerberosDomain.',
    },
    mapped: {
      type: 'str',
      default: null,
      help: 'Plugin of the mapped method (federation). Set it only to use one of your own.',
    },
    methods: {
      type: 'list',
      default: ['external', 'password', 'token', 'oauth1'],
      help:
        'Methods that may be used to sign in. The order is part of each Fernet token: add new ones at the ' +
        'end, take none away while tokens are valid.',
    },
    oauth1: {
      type: 'str',
      default: null,
      help: 'Plugin of the oauth1 method. Set it only to use one of your own.',
    },
    password: {
      type: 'str',
      default: null,
      help: 'Plugin of the password method. Set it only to use one of your own.',
    },
    token: {
      type: 'str',
      default: null,
      help: 'Plugin of the token method. Set it only to use one of your own.',
    },
  },
} as const satisfies SectionDeclaration;
