import type { SectionDeclaration } from '../../common/config/declaration.js';

export const kvs = {
  help: '',
  options: {
    backends: {
      type: 'list',
      default: [],
      help: '',
    },
    config_prefix: {
      type: 'str',
      default: 'keystone.kvs',
      help: '',
    },
    default_lock_timeout: {
      type: 'int',
      default: 5,
      min: 0,
      help: '',
    },
    enable_key_mangler: {
      type: 'bool',
      default: true,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
