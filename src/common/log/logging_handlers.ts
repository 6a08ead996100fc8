/** The classes of handlers that a logging configuration file may name, and what their arguments mean. */

import type { Destination, Rotation } from './plan.js';
import { PythonName, type PythonValue } from './python_literal.js';
import { facilityOf, SYSLOG_FACILITIES, SYSLOG_PORT, SYSLOG_SOCKET } from './syslog.js';

/** Arguments by name; what was given by position has got its name. */
export type HandlerArguments = ReadonlyMap<string, PythonValue>;

/** What is wrong with an argument; the caller adds file, section and line. */
export class ArgumentProblem extends Error {
  override readonly name = 'ArgumentProblem';
}

interface HandlerClass {
  /** Names of the arguments, in Python's order. */
  readonly parameters: readonly string[];
  destination(given: HandlerArguments, ident: string): Destination;
}

function text(given: HandlerArguments, name: string): string {
  const value = given.get(name);
  if (typeof value !== 'string' || value === '') {
    throw new ArgumentProblem(`the argument ${name} must be the name of a file, in quotes`);
  }
  return value;
}

function whole(given: HandlerArguments, name: string, otherwise: number): number {
  const value = given.get(name) ?? otherwise;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new ArgumentProblem(`the argument ${name} must be a whole number`);
  }
  return value;
}

function file(given: HandlerArguments, more: { watch?: boolean; rotation?: Rotation } = {}): Destination {
  const mode = given.get('mode') ?? 'a';
  if (mode !== 'a' && mode !== 'w')
    throw new ArgumentProblem("the argument mode must be 'a' (append) or 'w' (empty the file)");
  return { kind: 'file', path: text(given, 'filename'), truncate: mode === 'w', ...more };
}

function rotationByTime(given: HandlerArguments): Rotation {
  const unit = given.get('when') ?? 'h';
  const when = typeof unit === 'string' ? unit.toLowerCase() : '';
  if (!/^(?:[smhd]|midnight|w[0-6])$/.test(when)) {
    throw new ArgumentProblem("the argument when must be 'S', 'M', 'H', 'D', 'midnight' or 'W0' to 'W6'");
  }
  return {
    kind: 'time',
    when: when as Extract<Rotation, { kind: 'time' }>['when'],
    interval: Math.max(1, whole(given, 'interval', 1)),
    utc: given.get('utc') === true,
    keep: whole(given, 'backupCount', 0),
  };
}

function facility(given: HandlerArguments): number {
  const value = given.get('facility') ?? 1;
  const number = typeof value === 'string' ? facilityOf(value) : value;
  if (typeof number !== 'number')
    throw new ArgumentProblem('the argument facility names no facility of syslog');
  return number;
}

function syslog(given: HandlerArguments, ident: string): Destination {
  const socktype = given.get('socktype');
  if (socktype instanceof PythonName && socktype.name === 'socket.SOCK_STREAM') {
    throw new ArgumentProblem('syslog over TCP is not supported: use UDP or the socket of this host');
  }
  const address = given.get('address') ?? ['localhost', SYSLOG_PORT];
  if (typeof address === 'string') return { kind: 'syslog', address, facility: facility(given), ident };
  const [host, port] = Array.isArray(address) ? (address as readonly PythonValue[]) : [];
  if (typeof host !== 'string' || typeof port !== 'number') {
    throw new ArgumentProblem("the argument address must be the path of a socket or ('host', port)");
  }
  return { kind: 'syslog', address: { host, port }, facility: facility(given), ident };
}

const FILE = ['filename', 'mode', 'encoding', 'delay'] as const;

const CLASSES: Readonly<Record<string, HandlerClass>> = {
  StreamHandler: {
    parameters: ['stream'],
    destination(given) {
      const stream = given.get('stream') ?? null;
      if (stream === null) return { kind: 'stderr' };
      if (stream instanceof PythonName && stream.name === 'sys.stdout') return { kind: 'stdout' };
      if (stream instanceof PythonName && stream.name === 'sys.stderr') return { kind: 'stderr' };
      throw new ArgumentProblem('the argument must be sys.stdout or sys.stderr');
    },
  },
  FileHandler: { parameters: FILE, destination: (given) => file(given) },
  WatchedFileHandler: { parameters: FILE, destination: (given) => file(given, { watch: true }) },
  RotatingFileHandler: {
    parameters: ['filename', 'mode', 'maxBytes', 'backupCount', 'encoding', 'delay'],
    destination: (given) =>
      file(given, {
        rotation: { kind: 'size', bytes: whole(given, 'maxBytes', 0), keep: whole(given, 'backupCount', 0) },
      }),
  },
  TimedRotatingFileHandler: {
    parameters: ['filename', 'when', 'interval', 'backupCount', 'encoding', 'delay', 'utc', 'atTime'],
    destination(given) {
      if ((given.get('atTime') ?? null) !== null) {
        throw new ArgumentProblem("the argument atTime is not supported: use when='midnight'");
      }
      return file(given, { rotation: rotationByTime(given) });
    },
  },
  SysLogHandler: { parameters: ['address', 'facility', 'socktype'], destination: syslog },
  OSSysLogHandler: {
    parameters: ['facility'],
    destination: (given, ident) => ({
      kind: 'syslog',
      address: SYSLOG_SOCKET,
      facility: facility(given),
      ident,
    }),
  },
  ColorHandler: { parameters: ['stream'], destination: () => ({ kind: 'stderr' }) },
  NullHandler: { parameters: [], destination: () => ({ kind: 'nowhere' }) },
};

/** Modules that a class may be named with. */
const MODULES = new Set(['', 'logging', 'handlers', 'logging.handlers', 'oslo_log.handlers']);

/** The class of a name as the file writes it. @throws ArgumentProblem naming those that there are */
export function handlerClass(name: string): HandlerClass {
  const at = name.lastIndexOf('.');
  const own = name.slice(at + 1);
  const found = MODULES.has(name.slice(0, Math.max(0, at))) && Object.hasOwn(CLASSES, own);
  const declared = found ? CLASSES[own] : undefined;
  if (declared === undefined) {
    throw new ArgumentProblem(
      `there is no handler "${name}"; supported are ${Object.keys(CLASSES).join(', ')}`,
    );
  }
  return declared;
}

/** What the names stand for that arguments may hold; undefined: not known. */
export function argumentName(name: string): PythonValue | undefined {
  const short = name.replace(/^logging\./, '');
  const constant = /^(?:handlers\.)?SysLogHandler\.LOG_(\w+)$/.exec(short)?.[1];
  if (constant !== undefined) return SYSLOG_FACILITIES[constant];
  if (short === 'handlers.SYSLOG_UDP_PORT' || short === 'handlers.SYSLOG_TCP_PORT') return SYSLOG_PORT;
  return /^(?:sys\.(?:stdout|stderr)|socket\.SOCK_(?:DGRAM|STREAM))$/.test(name)
    ? new PythonName(name)
    : undefined;
}

/** Give arguments their names. @throws ArgumentProblem when there are too many, or one that the class does not have */
export function namedArguments(
  { parameters }: HandlerClass,
  args: PythonValue,
  kwargs: PythonValue,
): HandlerArguments {
  // `args=('x')` is no tuple but a text, which Python would take apart into letters: what was meant is clear.
  const positional = Array.isArray(args) ? (args as readonly PythonValue[]) : [args];
  const named = kwargs instanceof Map ? (kwargs as ReadonlyMap<string, PythonValue>) : null;
  if (named === null) throw new ArgumentProblem('kwargs must be a mapping, as in {"filename": "x"}');
  if (positional.length > parameters.length) {
    throw new ArgumentProblem(
      `there are ${positional.length} arguments, but at most ${parameters.length} are known`,
    );
  }
  const given = new Map(positional.map((value, position) => [parameters[position] ?? '', value]));
  for (const [name, value] of named) {
    if (!parameters.includes(name)) throw new ArgumentProblem(`the argument ${name} is not known`);
    given.set(name, value);
  }
  return given;
}
