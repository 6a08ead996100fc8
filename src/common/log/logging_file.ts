/**
 * A logging configuration file in the form of Python's `logging.config.fileConfig`, named by `[DEFAULT]
 * log_config_append`: what `[loggers]`, `[handlers]` and `[formatters]` list stands in `[logger_NAME]`, `[handler_NAME]`
 * and `[formatter_NAME]`. Nothing in it is run: arguments are values, classes are names out of a list.
 */
import { ConfigError } from '../config/errors.js';
import { type ConfigFile, type FileValue, normalizeSection, readConfigFile } from '../config/file.js';
import { LoggingError } from './error.js';
import { jsonFormatter, needsCallSite, plainFormatter } from './format.js';
import { ArgumentProblem, argumentName, handlerClass, namedArguments } from './logging_handlers.js';
import { type Handler, type LoggerPlan, type LoggingPlan, levelOf, type PlanLevel } from './plan.js';
import { PythonSyntaxError, type PythonValue, readPythonValue } from './python_literal.js';
import type { LineFormatter } from './types.js';

/** What the file refers to without saying it. */
export interface LoggingFileContext {
  /** Who lines in syslog come from. */
  readonly ident: string;
  /** The format of the `logging_*` options: class `oslo_log.formatters.ContextFormatter`. */
  readonly contextFormat: LineFormatter;
  readonly contextFormatShowsCallSite: boolean;
  /** `log_date_format` */
  readonly dateFormat: string;
}

interface Formatter {
  readonly format: LineFormatter;
  readonly callSites: boolean;
}

/** Python's own: the message alone. */
const PLAIN: Formatter = { format: plainFormatter('%(message)s', null), callSites: false };

/** The file, with errors that say where. */
class Source {
  constructor(readonly file: ConfigFile) {}

  fail(section: string, option: string, why: string): never {
    const line = this.#value(section, option)?.line ?? this.file.sectionLines.get(normalizeSection(section));
    const place = line === undefined ? this.file.path : `${this.file.path}:${line}`;
    throw new LoggingError(
      `${place}: option "${option}" of section [${section}]: ${why} ([DEFAULT] log_config_append)`,
    );
  }

  #value(section: string, option: string): FileValue | undefined {
    return this.file.sections.get(normalizeSection(section))?.get(option)?.at(-1);
  }

  /** As it stands there; null when it does not. */
  raw(section: string, option: string): string | null {
    return this.#value(section, option)?.text ?? null;
  }

  /** With `%(name)s` replaced by options of the section or of `[DEFAULT]`, and `%%` by `%`. */
  text(section: string, option: string, depth = 0): string | null {
    const value = this.raw(section, option) ?? this.raw('DEFAULT', option);
    return (
      value?.replace(/%(?:%|\((\w+)\)s)/g, (_whole, name: string | undefined) => {
        if (name === undefined) return '%';
        const other = depth > 9 ? null : this.text(section, name, depth + 1);
        return other ?? this.fail(section, option, `it refers to %(${name})s, which is not set`);
      }) ?? null
    );
  }

  required(section: string, option: string): string {
    return this.text(section, option) ?? this.fail(section, option, 'it is missing');
  }

  /** Names with commas between them. */
  names(section: string, option: string): string[] {
    return this.required(section, option)
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  }

  /** Null when there is none, or for a logger NOTSET: what is above counts. */
  level(section: string): PlanLevel | null {
    const text = this.text(section, 'level');
    if (text === null) return null;
    const level = levelOf(text);
    if (level !== null) return level;
    return this.fail(
      section,
      'level',
      `"${text}" is none of DEBUG, INFO, WARNING, ERROR, CRITICAL and NOTSET`,
    );
  }

  value(section: string, option: string, otherwise: PythonValue): PythonValue {
    const text = this.text(section, option);
    if (text === null) return otherwise;
    try {
      return readPythonValue(text, argumentName);
    } catch (error) {
      if (error instanceof PythonSyntaxError) return this.fail(section, option, error.message);
      throw error;
    }
  }
}

function formatterOf(source: Source, name: string, context: LoggingFileContext): Formatter {
  const section = `formatter_${name}`;
  const style = source.text(section, 'style') ?? '%';
  if (style !== '%')
    source.fail(section, 'style', `"${style}" is not supported: write the format with %(name)s`);
  const dateFormat = source.raw(section, 'datefmt');
  const format = source.raw(section, 'format');
  const className = source.text(section, 'class') ?? '';
  switch (className.slice(className.lastIndexOf('.') + 1)) {
    case '':
    case 'Formatter': {
      const pattern = format === null || format === '' ? '%(message)s' : format;
      return {
        format: plainFormatter(pattern, dateFormat === '' ? null : dateFormat),
        callSites: needsCallSite(pattern),
      };
    }
    case 'ContextFormatter':
      return { format: context.contextFormat, callSites: context.contextFormatShowsCallSite };
    case 'JSONFormatter':
      return { format: jsonFormatter(dateFormat ?? context.dateFormat), callSites: true };
    default:
      return source.fail(
        section,
        'class',
        `there is no formatter "${className}"; supported are logging.Formatter, oslo_log.formatters.ContextFormatter` +
          ' and oslo_log.formatters.JSONFormatter',
      );
  }
}

function handlerOf(
  source: Source,
  name: string,
  formatters: ReadonlyMap<string, Formatter>,
  ident: string,
): { readonly handler: Handler; readonly callSites: boolean } {
  const section = `handler_${name}`;
  const within = <T>(option: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof ArgumentProblem) return source.fail(section, option, error.message);
      throw error;
    }
  };
  const className = source.required(section, 'class');
  const declared = within('class', () => handlerClass(className));
  const destination = within('args', () => {
    const args = source.value(section, 'args', []);
    return declared.destination(
      namedArguments(declared, args, source.value(section, 'kwargs', new Map())),
      ident,
    );
  });
  const named = source.text(section, 'formatter') ?? '';
  const formatter = named === '' ? PLAIN : formatters.get(named);
  if (formatter === undefined) {
    return source.fail(section, 'formatter', `"${named}" is not among the keys of [formatters]`);
  }
  const level = source.level(section);
  return {
    handler: { destination, format: formatter.format, ...(level !== null && { level }) },
    callSites: formatter.callSites,
  };
}

function loggerOf(source: Source, name: string, handlers: ReadonlyMap<string, Handler>): LoggerPlan {
  const section = `logger_${name}`;
  const own = source.text(section, 'handlers') === null ? [] : source.names(section, 'handlers');
  for (const handler of own) {
    if (!handlers.has(handler))
      source.fail(section, 'handlers', `"${handler}" is not among the keys of [handlers]`);
  }
  const propagate = (source.text(section, 'propagate') ?? '1').trim();
  if (!/^[01]$/.test(propagate)) source.fail(section, 'propagate', `it must be 1 or 0, not "${propagate}"`);
  const level = source.level(section);
  return { level: level === 'ALL' ? null : level, handlers: own, propagate: propagate === '1' };
}

/** @throws LoggingError naming file and line, in place of the errors of the file's grammar */
function open(path: string): ConfigFile {
  try {
    return readConfigFile(path);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new LoggingError(`${error.message} ([DEFAULT] log_config_append)`, { cause: error });
  }
}

/**
 * The plan that a logging configuration file describes.
 *
 * @throws LoggingError naming file, line, section and option
 */
export function loggingFilePlan(path: string, context: LoggingFileContext): LoggingPlan {
  const source = new Source(open(path));
  const formatterNames = source.file.sections.has('formatters') ? source.names('formatters', 'keys') : [];
  const formatters = new Map(formatterNames.map((name) => [name, formatterOf(source, name, context)]));
  const handlers = new Map<string, Handler>();
  let callSites = false;
  for (const name of source.names('handlers', 'keys')) {
    const made = handlerOf(source, name, formatters, context.ident);
    handlers.set(name, made.handler);
    callSites ||= made.callSites;
  }
  const names = source.names('loggers', 'keys');
  if (!names.includes('root')) source.fail('loggers', 'keys', 'the logger "root" is missing');
  const root = loggerOf(source, 'root', handlers);
  const isAll = source.level('logger_root') === 'ALL';
  const loggers = names
    .filter((name) => name !== 'root')
    .map(
      (name) => [source.required(`logger_${name}`, 'qualname'), loggerOf(source, name, handlers)] as const,
    );
  return {
    handlers,
    root: { level: root.level ?? (isAll ? 'ALL' : 'WARN'), handlers: root.handlers },
    loggers: new Map(loggers),
    callSites,
  };
}
