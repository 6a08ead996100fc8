import type { SectionDeclaration } from '../../common/config/declaration.js';

export const keystoneKoa = {
  help: '',
  options: {
    bind_host: {
      type: 'str',
      default: '127.0.0.1',
      help: '',
    },
    drain_timeout: {
      type: 'int',
      default: 30,
      min: 0,
      help: '',
    },
    ec2_s3_tokens_require_authentication: {
      type: 'bool',
      default: true,
      help: '',
    },
    keep_alive_timeout: {
      type: 'int',
      default: 75,
      min: 0,
      help: '',
    },
    remote_user_header: {
      type: 'str',
      default: 'x-remote-user',
      regex: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
      help: '',
    },
    server_timing: {
      type: 'bool',
      default: false,
      mutable: true,
      help: '',
    },
    trusted_proxies: {
      type: 'list',
      default: ['127.0.0.1', '::1'],
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
