import type { SectionDeclaration } from '../../common/config/declaration.js';

export const kvs = {
  help: 'Key-value store of the Python service.',
  options: {
    backends: {
      type: 'list',
      default: [],
      inert: 'it belongs to a Python library',
      help: 'Python modules of further key-value stores.',
    },
    config_prefix: {
      type: 'str',
      default: 'keystone.kvs',
      inert: 'it belongs to a Python library',
      help: 'Prefix of the settings of the key-value store.',
    },
    default_lock_timeout: {
      type: 'int',
      default: 5,
      min: 0,
      inert: 'it belongs to a Python library',
      help: 'Seconds after which a lock of the key-value store expires.',
    },
    enable_key_mangler: {
      type: 'bool',
      default: true,
      inert: 'it belongs to a Python library',
      help: 'Hash the keys of the key-value store.',
    },
  },
} as const satisfies SectionDeclaration;
