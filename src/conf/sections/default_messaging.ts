import type { SectionDeclaration } from '../../common/config/declaration.js';

/** Options of section DEFAULT about the message bus that notifications are sent to. */
export const defaultMessaging = {
  conn_pool_min_size: {
    type: 'int',
    default: 2,
    inert: 'the service sends notifications and knows no RPC',
    help: 'Connections to the message bus that are kept when idle ones expire.',
  },
  conn_pool_ttl: {
    type: 'int',
    default: 1200,
    inert: 'the service sends notifications and knows no RPC',
    help: 'Seconds after which an idle connection to the message bus expires.',
  },
  control_exchange: {
    type: 'str',
    default: 'keystone',
    help: 'Exchange of the message bus that notifications are sent to, unless transport_url names one.',
  },
  executor_thread_pool_size: {
    type: 'int',
    default: 64,
    formerNames: [{ name: 'rpc_thread_pool_size' }],
    inert: 'the service sends notifications and knows no RPC',
    help: 'Threads that work on messages received.',
  },
  rpc_backend: {
    type: 'str',
    default: 'rabbit',
    deprecatedForRemoval: 'transport_url names the driver',
    inert: 'the message bus is RabbitMQ',
    help: 'Driver of the message bus when transport_url is not set.',
  },
  rpc_cast_timeout: {
    type: 'int',
    default: -1,
    inert: 'the service sends notifications and knows no RPC',
    help: 'Seconds before an RPC cast is given up; -1 waits for ever.',
  },
  rpc_conn_pool_size: {
    type: 'int',
    default: 30,
    inert: 'the service sends notifications and knows no RPC',
    help: 'Connections to the message bus for RPC.',
  },
  rpc_ping_enabled: {
    type: 'bool',
    default: false,
    inert: 'the service sends notifications and knows no RPC',
    help: 'Answer pings over the message bus.',
  },
  rpc_poll_timeout: {
    type: 'int',
    default: 1,
    inert: 'the service sends notifications and knows no RPC',
    help: 'Seconds that a poll for RPC messages takes.',
  },
  rpc_response_timeout: {
    type: 'int',
    default: 60,
    inert: 'the service sends notifications and knows no RPC',
    help: 'Seconds to wait for the answer to an RPC call.',
  },
  rpc_zmq_bind_address: {
    type: 'str',
    default: '*',
    inert: 'only RabbitMQ is supported',
    help: 'Address that the ZeroMQ driver listens on.',
  },
  rpc_zmq_bind_port_retries: {
    type: 'int',
    default: 100,
    inert: 'only RabbitMQ is supported',
    help: 'How many ports the ZeroMQ driver tries.',
  },
  rpc_zmq_contexts: {
    type: 'int',
    default: 1,
    inert: 'only RabbitMQ is supported',
    help: 'ZeroMQ contexts.',
  },
  rpc_zmq_host: {
    type: 'str',
    default: 'localhost',
    inert: 'only RabbitMQ is supported',
    help: 'Name of this host to other ZeroMQ nodes.',
  },
  rpc_zmq_ipc_dir: {
    type: 'str',
    default: '/var/run/openstack',
    inert: 'only RabbitMQ is supported',
    help: 'Folder of the sockets of ZeroMQ.',
  },
  rpc_zmq_matchmaker: {
    type: 'str',
    default: 'redis',
    choices: ['redis', 'dummy'],
    inert: 'only RabbitMQ is supported',
    help: 'How ZeroMQ nodes find each other.',
  },
  rpc_zmq_max_port: {
    type: 'int',
    default: 65536,
    min: 1,
    max: 65536,
    inert: 'only RabbitMQ is supported',
    help: 'Highest port of the range that the ZeroMQ driver takes ports from.',
  },
  rpc_zmq_min_port: {
    type: 'port',
    default: 49153,
    inert: 'only RabbitMQ is supported',
    help: 'Lowest port of the range that the ZeroMQ driver takes ports from.',
  },
  rpc_zmq_serialization: {
    type: 'str',
    default: 'json',
    choices: ['json', 'msgpack'],
    inert: 'only RabbitMQ is supported',
    help: 'Form of messages over ZeroMQ.',
  },
  rpc_zmq_topic_backlog: {
    type: 'int',
    default: null,
    inert: 'only RabbitMQ is supported',
    help: 'Messages that ZeroMQ keeps for a topic at most.',
  },
  transport_url: {
    type: 'str',
    default: null,
    secret: true,
    help:
      'The message bus: driver://USER:PASSWORD@HOST:PORT/VIRTUAL_HOST, with commas between several ' +
      'USER:PASSWORD@HOST:PORT. Unset: the options of [oslo_messaging_rabbit].',
  },
  use_pub_sub: {
    type: 'bool',
    default: true,
    inert: 'only RabbitMQ is supported',
    help: 'Send ZeroMQ fan-out messages by PUB and SUB sockets.',
  },
  use_router_proxy: {
    type: 'bool',
    default: true,
    inert: 'only RabbitMQ is supported',
    help: 'Use a proxy between ZeroMQ nodes.',
  },
  zmq_immediate: {
    type: 'bool',
    default: false,
    inert: 'only RabbitMQ is supported',
    help: 'Queue ZeroMQ messages only on completed connections.',
  },
  zmq_target_expire: {
    type: 'int',
    default: 300,
    inert: 'only RabbitMQ is supported',
    help: 'Seconds after which a record of a ZeroMQ node expires.',
  },
  zmq_target_update: {
    type: 'int',
    default: 180,
    inert: 'only RabbitMQ is supported',
    help: 'Seconds between two updates of a record of a ZeroMQ node.',
  },
} as const satisfies SectionDeclaration['options'];
