/**
 * Formats of log lines in the notation of Python's logging (`%(asctime)s %(levelname)-8s …`), compiled once. The
 * fields are those of Python's records and those that oslo.log adds for the request (`%(request_id)s`,
 * `%(user_identity)s`).
 */
import { hostname } from 'node:os';
import { clock } from './date.js';
import { LEVELS, type LineFormatter, type LogRecord, type LogSubject } from './types.js';

/** The options `logging_*` of oslo.log. */
export interface FormatOptions {
  readonly contextFormat: string;
  readonly defaultFormat: string;
  /** Appended to the format of debug lines. */
  readonly debugSuffix: string;
  /** Stands in front of every line of a message after the first. */
  readonly exceptionPrefix: string;
  readonly userIdentityFormat: string;
  readonly dateFormat: string;
}

type Field = (record: LogRecord) => string | number;

/** What stands where a value is not known. */
const UNKNOWN = '-';

function subjectField(key: keyof LogSubject): Field {
  return ({ subject }) => subject?.[key] ?? UNKNOWN;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const FIELDS: Readonly<Record<string, Field>> = {
  name: ({ name }) => name,
  message: ({ message }) => message,
  levelname: ({ level }) => level,
  levelno: ({ level }) => LEVELS[level],
  created: ({ time }) => time.getTime() / 1000,
  msecs: ({ time }) => time.getMilliseconds(),
  process: () => process.pid,
  processName: () => 'MainProcess',
  thread: () => 0,
  threadName: () => 'MainThread',
  funcName: ({ site }) => site?.functionName ?? UNKNOWN,
  pathname: ({ site }) => site?.path ?? UNKNOWN,
  filename: ({ site }) => (site === null ? UNKNOWN : baseName(site.path)),
  module: ({ site }) => (site === null ? UNKNOWN : baseName(site.path).replace(/\.\w+$/, '')),
  lineno: ({ site }) => site?.line ?? 0,
  request_id: subjectField('requestId'),
  user: subjectField('userId'),
  user_id: subjectField('userId'),
  tenant: subjectField('projectId'),
  project: subjectField('projectId'),
  project_id: subjectField('projectId'),
  domain: subjectField('domainId'),
  domain_id: subjectField('domainId'),
  user_domain: subjectField('userDomainId'),
  project_domain: subjectField('projectDomainId'),
  // Of oslo.log's other services: nothing here has instances or resources.
  instance: () => '',
  resource: () => '',
};

/** The default of `logging_user_identity_format`. */
const DEFAULT_IDENTITY = '%(user)s %(tenant)s %(domain)s %(user_domain)s %(project_domain)s';

const DIRECTIVE = /%(?:%|\((\w+)\)([-0]*)(\d*)(?:\.(\d+))?([sdifr]))/g;

function conversion(flags: string, width: number, precision: number | null, type: string) {
  return (value: string | number): string => {
    let text: string;
    if (type === 's' || type === 'r') {
      text = precision === null ? String(value) : String(value).slice(0, precision);
    } else {
      const number = Number(value);
      if (Number.isNaN(number)) text = String(value);
      else text = type === 'f' ? number.toFixed(precision ?? 6) : String(Math.trunc(number));
    }
    if (flags.includes('-')) return text.padEnd(width);
    return text.padStart(width, flags.includes('0') && type !== 's' && type !== 'r' ? '0' : ' ');
  };
}

/** Compile a format with the given fields; a field that is not known becomes `-`. */
function compile(format: string, fields: Readonly<Record<string, Field>>): LineFormatter {
  const parts: ((record: LogRecord) => string)[] = [];
  const literal = (text: string): void => {
    if (text !== '') parts.push(() => text);
  };
  let end = 0;
  for (const match of format.matchAll(DIRECTIVE)) {
    literal(format.slice(end, match.index));
    end = match.index + match[0].length;
    const [, name, flags = '', width = '', precision, type = 's'] = match;
    if (name === undefined) {
      literal('%');
      continue;
    }
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const convert = conversion(
      flags,
      Number(width),
      precision === undefined ? null : Number(precision),
      type,
    );
    const isPlain = type === 's' && width === '' && precision === undefined;
    if (field === undefined) literal(convert(UNKNOWN));
    else parts.push(isPlain ? (record) => String(field(record)) : (record) => convert(field(record)));
  }
  literal(format.slice(end));
  return (record) => {
    let text = '';
    for (const part of parts) text += part(record);
    return text;
  };
}

/** Whether lines of this format show the place in the program, which costs time to find. */
export function needsCallSite(format: string): boolean {
  return /%\((?:funcName|pathname|filename|module|lineno)\)/.test(format);
}

/** `%(asctime)s` of a formatter that names no format of its own: the time, a comma and milliseconds. */
function asctimeField(dateFormat: string | null): Field {
  const seconds = clock(dateFormat ?? '%Y-%m-%d %H:%M:%S');
  return dateFormat === null
    ? ({ time }) => `${seconds(time)},${String(time.getMilliseconds()).padStart(3, '0')}`
    : ({ time }) => seconds(time);
}

/**
 * A format of one line pattern, as a `[formatter_NAME]` of Python's logging.conf has it. Further lines of a message are
 * indented, so that none can pass for a line of the log.
 */
export function plainFormatter(format: string, dateFormat: string | null): LineFormatter {
  const identity = compile(DEFAULT_IDENTITY, FIELDS);
  const line = compile(format, {
    ...FIELDS,
    asctime: asctimeField(dateFormat),
    user_identity: (record) => (record.subject === null ? UNKNOWN : identity(record)),
  });
  return (record) => line({ ...record, message: record.message.replaceAll('\n', '\n    ') });
}

/** One JSON object per line, with the keys of oslo.log's JSONFormatter. */
export function jsonFormatter(dateFormat: string | null): LineFormatter {
  const asctime = asctimeField(dateFormat);
  const host = hostname();
  return (record) => {
    const { message, name, level, site, subject, time } = record;
    const field = (key: string): string | number | null => FIELDS[key]?.(record) ?? null;
    return JSON.stringify({
      message,
      asctime: asctime(record),
      name,
      msg: message,
      args: [],
      levelname: level,
      levelno: field('levelno'),
      pathname: site?.path ?? null,
      filename: site === null ? null : field('filename'),
      module: site === null ? null : field('module'),
      lineno: site?.line ?? null,
      funcname: site?.functionName ?? null,
      created: time.getTime() / 1000,
      msecs: time.getMilliseconds(),
      process: process.pid,
      process_name: field('processName'),
      thread_name: field('threadName'),
      hostname: host,
      traceback: null,
      error_summary: '',
      context:
        subject === null
          ? {}
          : {
              request_id: subject.requestId,
              user: subject.userId,
              tenant: subject.projectId,
              domain: subject.domainId,
              user_domain: subject.userDomainId,
              project_domain: subject.projectDomainId,
            },
      extra: {},
    });
  };
}

/**
 * The format of oslo.log: one pattern for lines of a request, another for all others. Each further line of a message
 * (a stack trace) gets a prefix of its own, so that no text that a client sent can pass for a line of the log.
 */
export function contextFormatter(options: FormatOptions): LineFormatter {
  const seconds = clock(options.dateFormat);
  const identity = compile(options.userIdentityFormat, FIELDS);
  const fields: Readonly<Record<string, Field>> = {
    ...FIELDS,
    asctime: ({ time }) => seconds(time),
    user_identity: (record) => (record.subject === null ? UNKNOWN : identity(record)),
  };
  const withSuffix = (format: string): string =>
    options.debugSuffix === '' ? format : `${format} ${options.debugSuffix}`;
  const inRequest = compile(options.contextFormat, fields);
  const outside = compile(options.defaultFormat, fields);
  const debugInRequest = compile(withSuffix(options.contextFormat), fields);
  const debugOutside = compile(withSuffix(options.defaultFormat), fields);
  const prefix = compile(options.exceptionPrefix, fields);

  const line = (record: LogRecord): string => {
    if (record.level === 'DEBUG')
      return record.subject === null ? debugOutside(record) : debugInRequest(record);
    return record.subject === null ? outside(record) : inRequest(record);
  };
  return (record) => {
    if (!record.message.includes('\n')) return line(record);
    const [first = '', ...others] = record.message.split('\n');
    const start = prefix(record);
    return [line({ ...record, message: first }), ...others.map((text) => start + text)].join('\n');
  };
}
