import type { SectionDeclaration } from '../../common/config/declaration.js';

export const osloMessagingZmq = {
  help: '',
  options: {
    rpc_cast_timeout: {
      type: 'int',
      default: -1,
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_poll_timeout: {
      type: 'int',
      default: 1,
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_zmq_bind_address: {
      type: 'str',
      default: '*',
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_zmq_bind_port_retries: {
      type: 'int',
      default: 100,
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_zmq_contexts: {
      type: 'int',
      default: 1,
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_zmq_host: {
      type: 'str',
      default: 'localhost',
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_zmq_ipc_dir: {
      type: 'str',
      default: '/var/run/openstack',
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_zmq_matchmaker: {
      type: 'str',
      default: 'redis',
      choices: ['redis', 'dummy'],
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_zmq_max_port: {
      type: 'int',
      default: 65536,
      min: 1,
      max: 65536,
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_zmq_min_port: {
      type: 'port',
      default: 49153,
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_zmq_serialization: {
      type: 'str',
      default: 'json',
      choices: ['json', 'msgpack'],
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    rpc_zmq_topic_backlog: {
      type: 'int',
      default: null,
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    use_pub_sub: {
      type: 'bool',
      default: true,
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    use_router_proxy: {
      type: 'bool',
      default: true,
      formerNames: [{ group: 'DEFAULT' }],
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
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
    zmq_target_update: {
      type: 'int',
      default: 180,
      formerNames: [{ group: 'DEFAULT' }],
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
