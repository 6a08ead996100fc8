import type { SectionDeclaration } from '../../common/config/declaration.js';

/** Options of section DEFAULT about the log. */
export const defaultLogging = {
  debug: {
    type: 'bool',
    default: false,
    mutable: true,
    help:
      'Log at level DEBUG instead of INFO. Shows details of requests that a log in production should ' +
      'not hold.',
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
    help: 'Levels of loggers, as logger=LEVEL.',
  },
  fatal_deprecations: {
    type: 'bool',
    default: false,
    inert: 'it concerns Python code',
    help: 'Make the use of deprecated features an error in the Python service.',
  },
  instance_format: {
    type: 'str',
    default: '[instance: %(uuid)s] ',
    inert: 'the service knows no virtual machines',
    help: 'How a virtual machine appears in log messages of compute services.',
  },
  instance_uuid_format: {
    type: 'str',
    default: '[instance: %(uuid)s] ',
    inert: 'the service knows no virtual machines',
    help: 'How the id of a virtual machine appears in log messages of compute services.',
  },
  log_config_append: {
    type: 'str',
    default: null,
    formerNames: [{ name: 'log_config' }],
    mutable: true,
    help:
      "A logging configuration file in the form of Python's logging.conf; the other logging options " +
      'then have no effect. See etc/logging.conf.sample.',
  },
  log_date_format: {
    type: 'str',
    default: '%Y-%m-%d %H:%M:%S',
    help: 'How %(asctime)s shows the time, in the terms of strftime.',
  },
  log_dir: {
    type: 'str',
    default: null,
    formerNames: [{ name: 'logdir' }],
    help: 'Folder of log_file, when that is not an absolute path.',
  },
  log_file: {
    type: 'str',
    default: null,
    formerNames: [{ name: 'logfile' }],
    help: 'File for the log. Unset: standard error.',
  },
  log_rotate_interval: {
    type: 'int',
    default: 1,
    help: 'How many units of log_rotate_interval_type pass between two rotations of the log file.',
  },
  log_rotate_interval_type: {
    type: 'str',
    default: 'days',
    choices: ['Seconds', 'Minutes', 'Hours', 'Days', 'Weekday', 'Midnight'],
    ignoreCase: true,
    help: 'Unit of log_rotate_interval.',
  },
  log_rotation_type: {
    type: 'str',
    default: 'none',
    choices: ['interval', 'size', 'none'],
    ignoreCase: true,
    help: 'What makes the service rotate its log file.',
  },
  logging_context_format_string: {
    type: 'str',
    default:
      '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [%(request_id)s %(user_identity)s] %(instance)s%(message)s',
    help:
      "Log line within a request. The names are those of Python's logging, and request_id and " +
      'user_identity.',
  },
  logging_debug_format_suffix: {
    type: 'str',
    default: '%(funcName)s %(pathname)s:%(lineno)d',
    help: 'What is added to lines of level DEBUG.',
  },
  logging_default_format_string: {
    type: 'str',
    default: '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(instance)s%(message)s',
    help: 'Log line outside of requests.',
  },
  logging_exception_prefix: {
    type: 'str',
    default: '%(asctime)s.%(msecs)03d %(process)d ERROR %(name)s %(instance)s',
    help: 'What each line of a stack trace begins with.',
  },
  logging_user_identity_format: {
    type: 'str',
    default: '%(user)s %(tenant)s %(domain)s %(user_domain)s %(project_domain)s',
    help: 'What %(user_identity)s consists of.',
  },
  max_logfile_count: {
    type: 'int',
    default: 30,
    help: 'How many rotated log files are kept.',
  },
  max_logfile_size_mb: {
    type: 'int',
    default: 200,
    help: 'Size at which a log file is rotated, in MB.',
  },
  publish_errors: {
    type: 'bool',
    default: false,
    inert: 'errors are only logged',
    help: 'Send log messages of level ERROR as notifications.',
  },
  rate_limit_burst: {
    type: 'int',
    default: 0,
    inert: 'every message is logged',
    help: 'How many log messages pass in one rate_limit_interval.',
  },
  rate_limit_except_level: {
    type: 'str',
    default: 'CRITICAL',
    inert: 'every message is logged',
    help: 'Level from which log messages are not counted.',
  },
  rate_limit_interval: {
    type: 'int',
    default: 0,
    inert: 'every message is logged',
    help: 'Span for which log messages are counted, in seconds; 0 switches the limit off.',
  },
  syslog_log_facility: {
    type: 'str',
    default: 'LOG_USER',
    help: 'Facility of syslog messages, such as LOG_LOCAL0.',
  },
  use_eventlog: {
    type: 'bool',
    default: false,
    inert: 'it concerns Windows',
    help: 'Log to the event log of Windows.',
  },
  use_journal: {
    type: 'bool',
    default: false,
    inert: 'the journal takes standard error as it is',
    help: 'Log to the journal of systemd in its native protocol.',
  },
  use_json: {
    type: 'bool',
    default: false,
    help: 'Write log lines as JSON.',
  },
  use_stderr: {
    type: 'bool',
    default: true,
    help: 'Log to standard error.',
  },
  use_syslog: {
    type: 'bool',
    default: false,
    help: 'Log to the syslog socket of this host.',
  },
  verbose: {
    type: 'bool',
    default: true,
    deprecatedForRemoval: 'set levels by default_log_levels or log_config_append',
    help: 'False raises the log level from INFO to WARNING.',
  },
  watch_log_file: {
    type: 'bool',
    default: false,
    help: 'Open the log file again when it was moved away, as log rotation does.',
  },
} as const satisfies SectionDeclaration['options'];
