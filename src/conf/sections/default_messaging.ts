import type { SectionDeclaration } from '../../common/config/declaration.js';

/**  */
export const defaultMessaging = {
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
  control_exchange: {
    type: 'str',
    default: 'keystone',
    help: '',
  },
  executor_thread_pool_size: {
    type: 'int',
    default: 64,
    formerNames: [{ name: 'rpc_thread_pool_size' }],
    help: '',
  },
  rpc_backend: {
    type: 'str',
    default: 'rabbit',
    deprecatedForRemoval: 'TODO',
    help: '',
  },
  rpc_cast_timeout: {
    type: 'int',
    default: -1,
    help: '',
  },
  rpc_conn_pool_size: {
    type: 'int',
    default: 30,
    help: '',
  },
  rpc_ping_enabled: {
    type: 'bool',
    default: false,
    help: '',
  },
  rpc_poll_timeout: {
    type: 'int',
    default: 1,
    help: '',
  },
  rpc_response_timeout: {
    type: 'int',
    default: 60,
    help: '',
  },
  rpc_zmq_bind_address: {
    type: 'str',
    default: '*',
    help: '',
  },
  rpc_zmq_bind_port_retries: {
    type: 'int',
    default: 100,
    help: '',
  },
  rpc_zmq_contexts: {
    type: 'int',
    default: 1,
    help: '',
  },
  rpc_zmq_host: {
    type: 'str',
    default: 'localhost',
    help: '',
  },
  rpc_zmq_ipc_dir: {
    type: 'str',
    default: '/var/run/openstack',
    help: '',
  },
  rpc_zmq_matchmaker: {
    type: 'str',
    default: 'redis',
    choices: ['redis', 'dummy'],
    help: '',
  },
  rpc_zmq_max_port: {
    type: 'int',
    default: 65536,
    min: 1,
    max: 65536,
    help: '',
  },
  rpc_zmq_min_port: {
    type: 'port',
    default: 49153,
    help: '',
  },
  rpc_zmq_serialization: {
    type: 'str',
    default: 'json',
    choices: ['json', 'msgpack'],
    help: '',
  },
  rpc_zmq_topic_backlog: {
    type: 'int',
    default: null,
    help: '',
  },
  transport_url: {
    type: 'str',
    default: null,
    secret: true,
    help: '',
  },
  use_pub_sub: {
    type: 'bool',
    default: true,
    help: '',
  },
  use_router_proxy: {
    type: 'bool',
    default: true,
    help: '',
  },
  zmq_immediate: {
    type: 'bool',
    default: false,
    help: '',
  },
  zmq_target_expire: {
    type: 'int',
    default: 300,
    help: '',
  },
  zmq_target_update: {
    type: 'int',
    default: 180,
    help: '',
  },
} as const satisfies SectionDeclaration['options'];
