import type { SectionDeclaration } from '../../common/config/declaration.js';

export const osloPolicy = {
  help: 'Who may do what.',
  options: {
    enforce_new_defaults: {
      type: 'bool',
      default: false,
      inert: 'there is one set of built-in rules',
      help: 'Do without the rules of former releases.',
    },
    enforce_scope: {
      type: 'bool',
      default: false,
      inert: 'rules have no scopes in this API',
      help: 'Compare the scope of a token with the scopes that a rule is meant for.',
    },
    policy_default_rule: {
      type: 'str',
      default: 'default',
      formerNames: [{ group: 'DEFAULT' }],
      help: 'Rule that decides when a policy has none for an action.',
    },
    policy_dirs: {
      type: 'multi',
      default: ['policy.d'],
      formerNames: [{ group: 'DEFAULT' }],
      help:
        'Folder of further policy files, read in the order of their names; later rules replace earlier ' +
        'ones. A relative path is looked for beside the configuration files. Repeat the option for more.',
    },
    policy_file: {
      type: 'str',
      default: 'policy.json',
      formerNames: [{ group: 'DEFAULT' }],
      help:
        'Policy in JSON or YAML. What it does not say is decided by the built-in rules. A relative path ' +
        'is looked for beside the configuration files.',
    },
    remote_content_type: {
      type: 'str',
      default: 'application/x-www-form-urlencoded',
      choices: ['application/x-www-form-urlencoded', 'application/json'],
      inert: 'requests are forms',
      help: 'Content type of requests of http: rules.',
    },
    remote_ssl_ca_crt_file: {
      type: 'str',
      default: null,
      inert: 'the authorities are those that Node knows (NODE_EXTRA_CA_CERTS adds some)',
      help: 'CA certificates of servers that https: rules ask.',
    },
    remote_ssl_client_crt_file: {
      type: 'str',
      default: null,
      inert: 'no certificate is shown',
      help: 'Client certificate for https: rules.',
    },
    remote_ssl_client_key_file: {
      type: 'str',
      default: null,
      inert: 'no certificate is shown',
      help: 'Private key of remote_ssl_client_crt_file.',
    },
    remote_ssl_verify_server_crt: {
      type: 'bool',
      default: false,
      inert: 'certificates are always verified',
      help: 'Verify the certificate of servers that https: rules ask.',
    },
  },
} as const satisfies SectionDeclaration;
