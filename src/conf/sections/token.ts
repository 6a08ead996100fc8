import type { SectionDeclaration } from '../../common/config/declaration.js';

export const token = {
  help: '',
  options: {
    allow_expired_window: {
      type: 'int',
      default: 172800,
      help: '',
    },
    allow_rescope_scoped_token: {
      type: 'bool',
      default: true,
      help: '',
    },
    bind: {
      type: 'list',
      default: [],
      help: '',
    },
    cache_on_issue: {
      type: 'bool',
      default: false,
      help: '',
    },
    cache_time: {
      type: 'int',
      default: null,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      help: '',
    },
    caching: {
      type: 'bool',
      default: true,
      help: '',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help: '',
    },
    enforce_token_bind: {
      type: 'str',
      default: 'permissive',
      choices: ['disabled', 'permissive', 'strict', 'required'],
      help: '',
    },
    expiration: {
      type: 'int',
      default: 3600,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      help: '',
    },
    hash_algorithm: {
      type: 'str',
      default: 'md5',
      choices: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
      deprecatedForRemoval: 'TODO',
      help: '',
    },
    infer_roles: {
      type: 'bool',
      default: true,
      help: '',
    },
    provider: {
      type: 'str',
      default: 'uuid',
      help: '',
    },
    revoke_by_id: {
      type: 'bool',
      default: true,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
