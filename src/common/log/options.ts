/** From the logging options of `[DEFAULT]`, which are those of oslo.log, to a plan. */
import { join } from 'node:path';
import { contextFormatter, needsCallSite } from './format.js';
import { type Handler, type LoggerPlan, type LoggingPlan, levelOf, type PlanLevel } from './plan.js';

/** The options under their own names. */
export interface LoggingOptions {
  readonly debug: boolean;
  readonly verbose: boolean;
  readonly log_file: string | null;
  readonly log_dir: string | null;
  readonly use_stderr: boolean;
  readonly default_log_levels: readonly string[];
  readonly log_date_format: string;
  readonly logging_context_format_string: string;
  readonly logging_default_format_string: string;
  readonly logging_debug_format_suffix: string;
  readonly logging_exception_prefix: string;
  readonly logging_user_identity_format: string;
}

/** A logging option that cannot be followed; the message names it. */
export class LoggingError extends Error {
  override readonly name = 'LoggingError';
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

/**
 * @param program stands for the name of the log file when only `log_dir` is set
 * @throws LoggingError
 */
export function planOf(options: LoggingOptions, program: string): LoggingPlan {
  const format = contextFormatter({
    contextFormat: options.logging_context_format_string,
    defaultFormat: options.logging_default_format_string,
    debugSuffix: options.logging_debug_format_suffix,
    exceptionPrefix: options.logging_exception_prefix,
    userIdentityFormat: options.logging_user_identity_format,
    dateFormat: options.log_date_format,
  });
  const handlers = new Map<string, Handler>();
  const path = logFileOf(options, program);
  if (path !== null) handlers.set('file', { destination: { kind: 'file', path }, format });
  if (options.use_stderr) handlers.set('stderr', { destination: { kind: 'stderr' }, format });
  const formats = [options.logging_context_format_string, options.logging_default_format_string];
  if (options.debug) formats.push(options.logging_debug_format_suffix);
  return {
    handlers,
    root: { level: rootLevel(options), handlers: [...handlers.keys()] },
    loggers: loggersOf(options.default_log_levels),
    callSites: formats.some(needsCallSite),
  };
}
