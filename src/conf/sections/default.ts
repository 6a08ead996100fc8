import type { SectionDeclaration } from '../../common/config/declaration.js';
import { defaultLogging } from './default_logging.js';
import { defaultMessaging } from './default_messaging.js';

export const defaults = {
  help: 'The service as a whole: endpoints, limits, logging, notifications.',
  options: {
    admin_endpoint: {
      type: 'str',
      default: null,
      help:
        'Base URL of the admin API in links and answers, when it differs from what the request shows. It ' +
        'has no influence on where the service listens. %(option)s inside it is replaced by options of ' +
        'this section.',
    },
    admin_token: {
      type: 'str',
      default: null,
      secret: true,
      help:
        'A shared secret that passes every check when it is sent as X-Auth-Token and the admin_token_auth ' +
        'filter is in the pipeline. Meant for the very first set-up of old installations; keystone-manage ' +
        'bootstrap is the way to do that now. Leave it unset, and take the filter out of the pipelines.',
    },
    crypt_strength: {
      type: 'int',
      default: 10000,
      min: 1000,
      max: 100000,
      help:
        'Rounds of new sha512_crypt password hashes: more are slower and harder to guess. Existing hashes ' +
        'keep theirs, so it can be changed at any time.',
    },
    default_publisher_id: {
      type: 'str',
      default: null,
      help: 'Publisher named in notifications. Unset: identity.HOST, with the name of this host.',
    },
    domain_id_immutable: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'domains of users, groups and projects will be fixed',
      help:
        'Whether the domain of a user, group or project is fixed. False allows to move them by an update, ' +
        'which undermines policies that confine domain administrators.',
    },
    insecure_debug: {
      type: 'bool',
      default: false,
      help:
        'Tell clients in error messages what is otherwise only logged, such as why a sign-in failed. Not ' +
        'for production: it helps attackers.',
    },
    list_limit: {
      type: 'int',
      default: null,
      help:
        'How many entries a list holds at most; a list that was cut says so. Sections of this file can ' +
        'set limits of their own. Unset: no limit.',
    },
    max_param_size: {
      type: 'int',
      default: 64,
      help: 'Longest user and project id or name that the v2.0 token API accepts, in characters.',
    },
    max_project_tree_depth: {
      type: 'int',
      default: 5,
      help:
        'How deep projects may be nested, the domain at the top not counted. Deep trees cost time in many ' +
        'requests.',
    },
    max_token_size: {
      type: 'int',
      default: 8192,
      help:
        'Longest token that the v2.0 token API accepts, in characters: 32 is enough for uuid, 255 for ' +
        'fernet; pki and pkiz need about 8192.',
    },
    member_role_id: {
      type: 'str',
      default: '9fe2ff9ee4384b1894a90878d3e92bab',
      help: 'Role that the v2.0 API gives a user on the default project when it is asked for none.',
    },
    member_role_name: {
      type: 'str',
      default: '_member_',
      help: 'Name of the role of member_role_id, used when that role has to be created.',
    },
    notification_format: {
      type: 'str',
      default: 'basic',
      choices: ['basic', 'cadf'],
      help:
        'Form of notifications: basic names only the resource, cadf adds who did it from where (DMTF ' +
        'CADF).',
    },
    notification_opt_out: {
      type: 'multi',
      default: [],
      help:
        'Event that causes no notification, as identity.TYPE.OPERATION, such as ' +
        'identity.authenticate.success. Repeat the option for more.',
    },
    public_endpoint: {
      type: 'str',
      default: null,
      help:
        'Base URL of the public API in links and answers, such as https://identity.example.com:5000. It ' +
        'has no influence on where the service listens. Unset: taken from each request, which is wrong ' +
        'when a proxy adds a path or changes the host. %(option)s inside it is replaced by options of ' +
        'this section.',
    },
    pydev_debug_host: {
      type: 'str',
      default: null,
      inert: 'use node --inspect',
      help: 'Host of a remote debugger for the Python service.',
    },
    pydev_debug_port: {
      type: 'port',
      default: null,
      inert: 'use node --inspect',
      help: 'Port of a remote debugger for the Python service.',
    },
    secure_proxy_ssl_header: {
      type: 'str',
      default: 'HTTP_X_FORWARDED_PROTO',
      deprecatedForRemoval: 'use the http_proxy_to_wsgi filter',
      help:
        'CGI name of the request header whose value becomes the scheme of links. Use the ' +
        'http_proxy_to_wsgi filter with [oslo_middleware] enable_proxy_headers_parsing.',
    },
    standard_threads: {
      type: 'bool',
      default: false,
      inert: 'there are no threads to choose',
      help: 'Threads instead of green threads in the Python service.',
    },
    strict_password_check: {
      type: 'bool',
      default: false,
      help:
        'Refuse passwords longer than [identity] max_password_length. False: they are cut to that length, ' +
        'and only that part counts at sign-in.',
    },
    ...defaultLogging,
    ...defaultMessaging,
  },
} as const satisfies SectionDeclaration;
