import type { SectionDeclaration } from '../../common/config/declaration.js';

/**  */
export const defaultLogging = {
  debug: {
    type: 'bool',
    default: false,
    mutable: true,
    help: '',
  },
  default_log_levels: {
    type: 'list',
    default: [
      'amqp=WARN',
      'amqplib=WARN',
      'boto=WARN',
      'qpid=WARN',
      'sqlalchemy=WARN',
      'suds=INFO',
      'oslo.messaging=INFO',
      'iso8601=WARN',
      'requests.packages.urllib3.connectionpool=WARN',
      'urllib3.connectionpool=WARN',
      'websocket=WARN',
      'requests.packages.urllib3.util.retry=WARN',
      'urllib3.util.retry=WARN',
      'keystonemiddleware=WARN',
      'routes.middleware=WARN',
      'stevedore=WARN',
      'taskflow=WARN',
      'keystoneauth=WARN',
      'oslo.cache=INFO',
      'dogpile.core.dogpile=INFO',
    ],
    help: '',
  },
  fatal_deprecations: {
    type: 'bool',
    default: false,
    help: '',
  },
  instance_format: {
    type: 'str',
    default: '[instance: %(uuid)s] ',
    help: '',
  },
  instance_uuid_format: {
    type: 'str',
    default: '[instance: %(uuid)s] ',
    help: '',
  },
  log_config_append: {
    type: 'str',
    default: null,
    formerNames: [{ name: 'log_config' }],
    mutable: true,
    help: '',
  },
  log_date_format: {
    type: 'str',
    default: '%Y-%m-%d %H:%M:%S',
    help: '',
  },
  log_dir: {
    type: 'str',
    default: null,
    formerNames: [{ name: 'logdir' }],
    help: '',
  },
  log_file: {
    type: 'str',
    default: null,
    formerNames: [{ name: 'logfile' }],
    help: '',
  },
  log_rotate_interval: {
    type: 'int',
    default: 1,
    help: '',
  },
  log_rotate_interval_type: {
    type: 'str',
    default: 'days',
    choices: ['Seconds', 'Minutes', 'Hours', 'Days', 'Weekday', 'Midnight'],
    ignoreCase: true,
    help: '',
  },
  log_rotation_type: {
    type: 'str',
    default: 'none',
    choices: ['interval', 'size', 'none'],
    ignoreCase: true,
    help: '',
  },
  logging_context_format_string: {
    type: 'str',
    default:
      '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [%(request_id)s %(user_identity)s] %(instance)s%(message)s',
    help: '',
  },
  logging_debug_format_suffix: {
    type: 'str',
    default: '%(funcName)s %(pathname)s:%(lineno)d',
    help: '',
  },
  logging_default_format_string: {
    type: 'str',
    default: '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(instance)s%(message)s',
    help: '',
  },
  logging_exception_prefix: {
    type: 'str',
    default: '%(asctime)s.%(msecs)03d %(process)d ERROR %(name)s %(instance)s',
    help: '',
  },
  logging_user_identity_format: {
    type: 'str',
    default: '%(user)s %(tenant)s %(domain)s %(user_domain)s %(project_domain)s',
    help: '',
  },
  max_logfile_count: {
    type: 'int',
    default: 30,
    help: '',
  },
  max_logfile_size_mb: {
    type: 'int',
    default: 200,
    help: '',
  },
  publish_errors: {
    type: 'bool',
    default: false,
    help: '',
  },
  rate_limit_burst: {
    type: 'int',
    default: 0,
    help: '',
  },
  rate_limit_except_level: {
    type: 'str',
    default: 'CRITICAL',
    help: '',
  },
  rate_limit_interval: {
    type: 'int',
    default: 0,
    help: '',
  },
  syslog_log_facility: {
    type: 'str',
    default: 'LOG_USER',
    help: '',
  },
  use_eventlog: {
    type: 'bool',
    default: false,
    help: '',
  },
  use_journal: {
    type: 'bool',
    default: false,
    help: '',
  },
  use_json: {
    type: 'bool',
    default: false,
    help: '',
  },
  use_stderr: {
    type: 'bool',
    default: true,
    help: '',
  },
  use_syslog: {
    type: 'bool',
    default: false,
    help: '',
  },
  verbose: {
    type: 'bool',
    default: true,
    deprecatedForRemoval: 'TODO',
    help: '',
  },
  watch_log_file: {
    type: 'bool',
    default: false,
    help: '',
  },
} as const satisfies SectionDeclaration['options'];
