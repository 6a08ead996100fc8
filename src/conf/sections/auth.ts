import type { SectionDeclaration } from '../../common/config/declaration.js';

export const auth = {
  help: '',
  options: {
    additional_primary_auth_methods: {
      type: 'list',
      default: [],
      help: '',
    },
    application_credential: {
      type: 'str',
      default: null,
      help: '',
    },
    external: {
      type: 'str',
      default: null,
      help: '',
    },
    mapped: {
      type: 'str',
      default: null,
      help: '',
    },
    methods: {
      type: 'list',
      default: ['external', 'password', 'token', 'oauth1'],
      help: '',
    },
    oauth1: {
      type: 'str',
      default: null,
      help: '',
    },
    password: {
      type: 'str',
      default: null,
      help: '',
    },
    token: {
      type: 'str',
      default: null,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
