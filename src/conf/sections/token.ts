import type { SectionDeclaration } from '../../common/config/declaration.js';

export const token = {
  help: 'Tokens.',
  options: {
    allow_expired_window: {
      type: 'int',
      default: 172800,
      inert: 'tokens that have expired are not validated',
      help:
        'Seconds after its expiry for which a token can still be validated by a service that asks for it ' +
        '(allow_expired), so that long operations can finish.',
    },
    allow_rescope_scoped_token: {
      type: 'bool',
      default: true,
      help: 'Allow to exchange a token with a scope for one with another scope.',
    },
    bind: {
      type: 'list',
      default: [],
      help: 'External authentication that new tokens are bound to, such as kerberos.',
    },
    cache_on_issue: {
      type: 'bool',
      default: false,
      help: 'Put a token into the cache when it is issued.',
    },
    cache_time: {
      type: 'int',
      default: null,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      help: 'Seconds that a validated token stays in the cache. Unset: [cache] expiration_time.',
    },
    caching: {
      type: 'bool',
      default: true,
      help: 'Cache validated tokens, where [cache] is enabled.',
    },
    driver: {
      type: 'str',
      default: 'sql',
      help:
        'Where uuid, pki and pkiz tokens are kept: sql, memcache, memcache_pool or kvs (in the process, ' +
        'for tests). Fernet tokens are kept nowhere.',
    },
    enforce_token_bind: {
      type: 'str',
      default: 'permissive',
      choices: ['disabled', 'permissive', 'strict', 'required', 'kerberos'],
      help:
        'What happens with tokens that are bound to external authentication: ignore the bond (disabled), ' +
        'check the kinds that are known (permissive), refuse unknown kinds (strict), refuse tokens ' +
        'without a bond (required), or without a bond of this mechanism (kerberos).',
    },
    expiration: {
      type: 'int',
      default: 3600,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      help:
        'Seconds that a token is valid. Tokens are as good as passwords while they last; long operations ' +
        'need them to last.',
    },
    hash_algorithm: {
      type: 'str',
      default: 'md5',
      choices: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
      deprecatedForRemoval: 'it concerns pki tokens, which are deprecated',
      help: 'Hash by which pki tokens are known. The middleware of services needs the same.',
    },
    infer_roles: {
      type: 'bool',
      default: true,
      help: 'Include roles that are implied by the assigned ones in tokens.',
    },
    provider: {
      type: 'str',
      default: 'uuid',
      help: 'Kind of new tokens: uuid, fernet, pki or pkiz, or one that an npm package offers.',
    },
    revoke_by_id: {
      type: 'bool',
      default: true,
      help:
        'Revoke single tokens by their ids, and keep a list of them. Set it to false with tokens that are ' +
        'not kept.',
    },
  },
} as const satisfies SectionDeclaration;
