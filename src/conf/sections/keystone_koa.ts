import type { SectionDeclaration } from '../../common/config/declaration.js';

export const keystoneKoa = {
  help: 'Settings that only this implementation has.',
  options: {
    bind_host: {
      type: 'str',
      default: '127.0.0.1',
      help:
        'Address that keystone-serve listens on when the command line names none. Listen on a loopback ' +
        'address behind a proxy.',
    },
    drain_timeout: {
      type: 'int',
      default: 30,
      min: 0,
      help: 'Seconds that running requests may take after the service was told to stop.',
    },
    ec2_s3_tokens_require_authentication: {
      type: 'bool',
      default: true,
      help:
        'Require a token of a service for POST /v3/ec2tokens and /v3/s3tokens (CVE-2025-65073). False ' +
        'restores the behaviour of old releases, where everybody who knows a signature gets a token.',
    },
    keep_alive_timeout: {
      type: 'int',
      default: 75,
      min: 0,
      help:
        'Seconds that an idle connection stays open. It must be longer than the proxy keeps its own (ttl ' +
        'of ProxyPass).',
    },
    remote_user_header: {
      type: 'str',
      default: 'x-remote-user',
      regex: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
      help:
        'Request header in which a trusted proxy names the user that it has authenticated. Headers that ' +
        'belong to it, such as those of a client certificate, are believed from the same proxies only.',
    },
    server_timing: {
      type: 'bool',
      default: false,
      mutable: true,
      help: 'Add a Server-Timing header with the time that each filter took.',
    },
    syslog_socket: {
      type: 'str',
      default: '/dev/log',
      mutable: true,
      help: 'Socket on which syslog listens on this host, for [DEFAULT] use_syslog.',
    },
    token_memory: {
      type: 'int',
      default: 16,
      min: 1,
      help:
        'Megabytes that each process may take, about, to keep validated tokens. What goes beyond is read from the ' +
        'database again.',
    },
    trusted_proxies: {
      type: 'list',
      default: ['127.0.0.1', '::1'],
      help:
        "Addresses and networks (10.0.0.0/8) of proxies, and 'unix' for peers on UNIX sockets, whose word counts: on " +
        'the user (remote_user_header and its kin), on a client certificate, and in forwarded headers. Such headers ' +
        'are ignored from anywhere else.',
    },
  },
} as const satisfies SectionDeclaration;
