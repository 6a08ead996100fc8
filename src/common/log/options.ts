/** From the logging options of `[DEFAULT]`, which are those of oslo.log, to a plan. */
import { join } from 'node:path';
import { LoggingError } from './error.js';
import { contextFormatter, jsonFormatter, needsCallSite } from './format.js';
import { type LoggingFileContext, loggingFilePlan } from './logging_file.js';
import {
  type Destination,
  type Handler,
  type LoggerPlan,
  type LoggingPlan,
  levelOf,
  type PlanLevel,
  type Rotation,
} from './plan.js';
import { facilityOf, SYSLOG_SOCKET } from './syslog.js';
import type { LineFormatter } from './types.js';

export { LoggingError } from './error.js';

/** The options under their own names. */
export interface LoggingOptions {
  readonly debug: boolean;
  readonly verbose: boolean;
  readonly log_config_append: string | null;
  readonly log_file: string | null;
  readonly log_dir: string | null;
  readonly watch_log_file: boolean;
  readonly log_rotation_type: string;
  readonly log_rotate_interval: number;
  readonly log_rotate_interval_type: string;
  readonly max_logfile_count: number;
  readonly max_logfile_size_mb: number;
  readonly use_stderr: boolean;
  readonly use_syslog: boolean;
  readonly syslog_log_facility: string;
  readonly use_json: boolean;
  readonly default_log_levels: readonly string[];
  readonly log_date_format: string;
  readonly logging_context_format_string: string;
  readonly logging_default_format_string: string;
  readonly logging_debug_format_suffix: string;
  readonly logging_exception_prefix: string;
  readonly logging_user_identity_format: string;
}

/** What the options do not say. */
export interface LoggingSurroundings {
  /** Name of the program: of its log file when only `log_dir` is set, and in syslog. */
  readonly program: string;
  /** Where syslog listens. Default: `/dev/log`. */
  readonly syslogSocket?: string;
}

/** The file that lines go to: `log_file`, within `log_dir` if it is relative; `PROGRAM.log` when only that is set. */
export function logFileOf(
  options: Pick<LoggingOptions, 'log_file' | 'log_dir'>,
  program: string,
): string | null {
  const { log_file: file, log_dir: folder } = options;
  if (file !== null && file !== '') {
    return folder === null || folder === '' || file.startsWith('/') ? file : join(folder, file);
  }
  return folder === null || folder === '' ? null : join(folder, `${program}.log`);
}

function rootLevel({ debug, verbose }: LoggingOptions): PlanLevel {
  if (debug) return 'DEBUG';
  return verbose ? 'INFO' : 'WARN';
}

function loggersOf(pairs: readonly string[]): Map<string, LoggerPlan> {
  const loggers = new Map<string, LoggerPlan>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    const level = levelOf(pair.slice(at + 1));
    if (at < 1 || name === '' || level === null) {
      throw new LoggingError(
        `option "default_log_levels" of section [DEFAULT]: "${pair}" is not NAME=LEVEL with a level of` +
          ' DEBUG, INFO, WARNING, ERROR or CRITICAL',
      );
    }
    loggers.set(name, { level, handlers: [], propagate: true });
  }
  return loggers;
}

const SPANS: Readonly<Record<string, 's' | 'm' | 'h' | 'd'>> = {
  seconds: 's',
  minutes: 'm',
  hours: 'h',
  days: 'd',
};

/** `log_rotation_type` and what belongs to it. @throws LoggingError for a day of the week that does not exist */
function rotationOf(options: LoggingOptions): Rotation | null {
  const { log_rotate_interval: interval, max_logfile_count: keep } = options;
  const type = options.log_rotation_type.toLowerCase();
  if (type === 'size') return { kind: 'size', bytes: options.max_logfile_size_mb * 1_048_576, keep };
  if (type !== 'interval') return null;
  const unit = options.log_rotate_interval_type.toLowerCase();
  if (unit === 'midnight') return { kind: 'time', when: 'midnight', interval: 1, utc: false, keep };
  if (unit !== 'weekday') return { kind: 'time', when: SPANS[unit] ?? 'd', interval, utc: false, keep };
  if (interval > 6) {
    throw new LoggingError(
      `option "log_rotate_interval" of section [DEFAULT]: ${interval} is no day of the week, which are 0 (Monday) to 6`,
    );
  }
  return { kind: 'time', when: `w${interval}`, interval: 1, utc: false, keep };
}

function fileOf(options: LoggingOptions, program: string): Destination | null {
  const path = logFileOf(options, program);
  if (path === null) return null;
  const rotation = rotationOf(options);
  return { kind: 'file', path, watch: options.watch_log_file, ...(rotation !== null && { rotation }) };
}

function syslogOf({ syslog_log_facility: name }: LoggingOptions, around: LoggingSurroundings): Destination {
  const facility = facilityOf(name);
  if (facility === null) {
    throw new LoggingError(
      `option "syslog_log_facility" of section [DEFAULT]: there is no facility "${name}"; it is one of LOG_USER,` +
        ' LOG_DAEMON, LOG_LOCAL0 to LOG_LOCAL7 and the others of syslog(3)',
    );
  }
  return { kind: 'syslog', address: around.syslogSocket ?? SYSLOG_SOCKET, facility, ident: around.program };
}

/** The line format that the options describe. */
function formatOf(options: LoggingOptions): LineFormatter {
  return contextFormatter({
    contextFormat: options.logging_context_format_string,
    defaultFormat: options.logging_default_format_string,
    debugSuffix: options.logging_debug_format_suffix,
    exceptionPrefix: options.logging_exception_prefix,
    userIdentityFormat: options.logging_user_identity_format,
    dateFormat: options.log_date_format,
  });
}

/** Whether lines of `formatOf` show the place in the program. */
function showsCallSite(options: LoggingOptions): boolean {
  const formats = [options.logging_context_format_string, options.logging_default_format_string];
  if (options.debug) formats.push(options.logging_debug_format_suffix);
  return formats.some(needsCallSite);
}

/**
 * @param around a text is the name of the program
 * @throws LoggingError
 */
export function planOf(options: LoggingOptions, around: string | LoggingSurroundings): LoggingPlan {
  const surroundings = typeof around === 'string' ? { program: around } : around;
  if (options.log_config_append !== null && options.log_config_append !== '') {
    const context: LoggingFileContext = {
      ident: surroundings.program,
      contextFormat: formatOf(options),
      contextFormatShowsCallSite: showsCallSite(options),
      dateFormat: options.log_date_format,
    };
    return loggingFilePlan(options.log_config_append, context);
  }
  const format = options.use_json ? jsonFormatter(options.log_date_format) : formatOf(options);
  const handlers = new Map<string, Handler>();
  const file = fileOf(options, surroundings.program);
  if (file !== null) handlers.set('file', { destination: file, format });
  if (options.use_syslog) handlers.set('syslog', { destination: syslogOf(options, surroundings), format });
  if (options.use_stderr) handlers.set('stderr', { destination: { kind: 'stderr' }, format });
  return {
    handlers,
    root: { level: rootLevel(options), handlers: [...handlers.keys()] },
    loggers: loggersOf(options.default_log_levels),
    callSites: options.use_json || showsCallSite(options),
  };
}
