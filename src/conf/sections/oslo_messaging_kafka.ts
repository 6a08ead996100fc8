import type { SectionDeclaration } from '../../common/config/declaration.js';

export const osloMessagingKafka = {
  help: '',
  options: {
    compression_codec: {
      type: 'str',
      default: 'none',
      choices: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
      help: '',
    },
    conn_pool_min_size: {
      type: 'int',
      default: 2,
      help: '',
    },
    conn_pool_ttl: {
      type: 'int',
      default: 1200,
      help: '',
    },
    consumer_group: {
      type: 'str',
      default: 'oslo_messaging_consumer',
      help: '',
    },
    enable_auto_commit: {
      type: 'bool',
      default: false,
      help: '',
    },
    kafka_consumer_timeout: {
      type: 'float',
      default: 1,
      help: '',
    },
    kafka_max_fetch_bytes: {
      type: 'int',
      default: 1048576,
      help: '',
    },
    max_poll_records: {
      type: 'int',
      default: 500,
      help: '',
    },
    pool_size: {
      type: 'int',
      default: 10,
      help: '',
    },
    producer_batch_size: {
      type: 'int',
      default: 16384,
      help: '',
    },
    producer_batch_timeout: {
      type: 'float',
      default: 0,
      help: '',
    },
    sasl_mechanism: {
      type: 'str',
      default: 'PLAIN',
      help: '',
    },
    security_protocol: {
      type: 'str',
      default: 'PLAINTEXT',
      choices: ['PLAINTEXT', 'SASL_PLAINTEXT', 'SSL', 'SASL_SSL'],
      help: '',
    },
    ssl_cafile: {
      type: 'str',
      default: '',
      help: '',
    },
    ssl_client_cert_file: {
      type: 'str',
      default: '',
      help: '',
    },
    ssl_client_key_file: {
      type: 'str',
      default: '',
      help: '',
    },
    ssl_client_key_password: {
      type: 'str',
      default: '',
      secret: true,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
