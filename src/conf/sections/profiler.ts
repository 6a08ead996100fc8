import type { SectionDeclaration } from '../../common/config/declaration.js';

export const profiler = {
  help: 'The osprofiler filter.',
  options: {
    connection_string: {
      type: 'str',
      default: 'messaging://',
      inert: 'traces are logged, not collected',
      secret: true,
      help: 'Where traces are collected.',
    },
    enabled: {
      type: 'bool',
      default: false,
      formerNames: [{ name: 'profiler_enabled' }],
      help: 'Let the osprofiler filter accept signed trace requests.',
    },
    es_doc_type: {
      type: 'str',
      default: 'notification',
      inert: 'traces are logged, not collected',
      help: 'Document type in Elasticsearch.',
    },
    es_scroll_size: {
      type: 'int',
      default: 10000,
      inert: 'traces are logged, not collected',
      help: 'Documents per batch from Elasticsearch.',
    },
    es_scroll_time: {
      type: 'str',
      default: '2m',
      inert: 'traces are logged, not collected',
      help: 'How long Elasticsearch keeps a search.',
    },
    filter_error_trace: {
      type: 'bool',
      default: false,
      inert: 'traces are logged, not collected',
      help: 'Keep traces of errors apart.',
    },
    hmac_keys: {
      type: 'str',
      default: 'SECRET_KEY',
      secret: true,
      help:
        'Keys, with commas between them, of which trace requests must be signed with one. Change the ' +
        'default, which everybody knows.',
    },
    sentinel_service_name: {
      type: 'str',
      default: 'mymaster',
      inert: 'traces are logged, not collected',
      help: 'Service name of Redis sentinels.',
    },
    socket_timeout: {
      type: 'float',
      default: 0.1,
      inert: 'traces are logged, not collected',
      help: 'Seconds before an operation on a Redis sentinel fails.',
    },
    trace_sqlalchemy: {
      type: 'bool',
      default: false,
      inert: 'traces are logged, not collected',
      help: 'Trace SQL statements.',
    },
  },
} as const satisfies SectionDeclaration;
