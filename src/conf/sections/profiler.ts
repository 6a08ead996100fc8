import type { SectionDeclaration } from '../../common/config/declaration.js';

export const profiler = {
  help: '',
  options: {
    connection_string: {
      type: 'str',
      default: 'messaging://',
      secret: true,
      help: '',
    },
    enabled: {
      type: 'bool',
      default: false,
      formerNames: [{ name: 'profiler_enabled' }],
      help: '',
    },
    es_doc_type: {
      type: 'str',
      default: 'notification',
      help: '',
    },
    es_scroll_size: {
      type: 'int',
      default: 10000,
      help: '',
    },
    es_scroll_time: {
      type: 'str',
      default: '2m',
      help: '',
    },
    filter_error_trace: {
      type: 'bool',
      default: false,
      help: '',
    },
    hmac_keys: {
      type: 'str',
      default: 'SECRET_KEY',
      secret: true,
      help: '',
    },
    sentinel_service_name: {
      type: 'str',
      default: 'mymaster',
      help: '',
    },
    socket_timeout: {
      type: 'float',
      default: 0.1,
      help: '',
    },
    trace_sqlalchemy: {
      type: 'bool',
      default: false,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
