/** The log of a process as its configuration wants it. */
import { existsSync } from 'node:fs';
import {
  checkLogging,
  configureLogging,
  type LoggingOptions,
  type LoggingSurroundings,
  rememberSecrets,
} from '../common/log/index.js';
import type { LoadedConf } from '../conf/index.js';
import { configuredSecrets } from './configured_secrets.js';

/** What the service is called in syslog, and its log file where only a folder is configured. */
export const SERVICE_PROGRAM = 'keystone-serve';

/** Options of `[DEFAULT]` that a running process follows whenever it reads its configuration again. */
export const LOG_OPTIONS = [
  'debug',
  'verbose',
  'log_config_append',
  'log_file',
  'log_dir',
  'watch_log_file',
  'log_rotation_type',
  'log_rotate_interval',
  'log_rotate_interval_type',
  'max_logfile_count',
  'max_logfile_size_mb',
  'use_stderr',
  'use_syslog',
  'syslog_log_facility',
  'use_json',
  'default_log_levels',
  'log_date_format',
  'logging_context_format_string',
  'logging_default_format_string',
  'logging_debug_format_suffix',
  'logging_exception_prefix',
  'logging_user_identity_format',
] as const satisfies readonly (keyof LoggingOptions)[];

/** A relative `log_config_append` is that of the working directory, or one beside the configuration. */
function loggingFile(loaded: LoadedConf): string | null {
  const name = loaded.conf.DEFAULT.log_config_append;
  if (name === null || name === '' || existsSync(name)) return name;
  return loaded.findFile(name) ?? name;
}

function optionsOf(loaded: LoadedConf): LoggingOptions {
  return { ...loaded.conf.DEFAULT, log_config_append: loggingFile(loaded) };
}

function surroundings(loaded: LoadedConf, program: string): LoggingSurroundings {
  return { program, syslogSocket: loaded.conf.keystone_koa.syslog_socket };
}

/**
 * Log as the configuration says, the secrets of it masked in every line.
 *
 * @param program its name in syslog, and of its log file when only `log_dir` is set
 * @param over goes before the options of the configuration
 * @throws LoggingError naming the option, and file and line of a logging configuration file
 */
export function applyLogging(loaded: LoadedConf, program: string, over: Partial<LoggingOptions> = {}): void {
  rememberSecrets(configuredSecrets(loaded));
  configureLogging({ ...optionsOf(loaded), ...over }, surroundings(loaded, program));
}

/** Whether the service could log as its configuration says. No file is made. @throws LoggingError as applyLogging() does */
export function checkServiceLog(loaded: LoadedConf): void {
  checkLogging(optionsOf(loaded), surroundings(loaded, SERVICE_PROGRAM));
}
