/** A plan put in force: log4js sorts lines by logger and level, formats and destinations are ours. */
import log4js from 'log4js';
import { checkSink, openSink } from './destinations.js';
import { escapeControls, maskSecrets } from './mask.js';
import { type LoggingOptions, type LoggingSurroundings, planOf } from './options.js';
import type { Handler, LoggingPlan, PlanLevel } from './plan.js';
import { currentSubject } from './subject.js';
import { ACCESS_LOGGER, type CallSite, type LevelName, type LogRecord, type Sink } from './types.js';

const LEVEL_NAMES: Readonly<Record<string, LevelName>> = {
  TRACE: 'TRACE',
  DEBUG: 'DEBUG',
  INFO: 'INFO',
  WARN: 'WARNING',
  ERROR: 'ERROR',
  FATAL: 'CRITICAL',
  MARK: 'CRITICAL',
};

let generation = 0;
let openSinks: readonly Sink[] = [];

/** Changes whenever a plan is put in force; 0 while there is none. */
export function loggingGeneration(): number {
  return generation;
}

function siteOf(event: log4js.LoggingEvent): CallSite | null {
  const { fileName, lineNumber, functionName } = event;
  if (fileName === undefined) return null;
  return {
    functionName: functionName === undefined || functionName === '' ? '<module>' : functionName,
    path: fileName.replace(/^file:\/\//, ''),
    line: lineNumber ?? 0,
  };
}

function recordOf(event: log4js.LoggingEvent): LogRecord {
  return {
    time: event.startTime,
    level: LEVEL_NAMES[event.level.levelStr] ?? 'INFO',
    name: event.categoryName,
    message: escapeControls(maskSecrets(String(event.data[0]))),
    subject: currentSubject(),
    site: siteOf(event),
  };
}

function appender({ format, level = 'ALL' }: Handler, sink: Sink): log4js.CustomAppender {
  const lowest = log4js.levels.getLevel(level, log4js.levels.ALL);
  const write = (event: log4js.LoggingEvent): void => {
    if (!event.level.isGreaterThanOrEqualTo(lowest)) return;
    const record = recordOf(event);
    sink.write(format(record), record.level, record.name === ACCESS_LOGGER);
  };
  return { type: { configure: () => write } };
}

/** The loggers above one, the nearest first, the root (`''`) last. */
function above(name: string): string[] {
  const at = name.lastIndexOf('.');
  return at < 0 ? [''] : [name.slice(0, at), ...above(name.slice(0, at))];
}

interface Category {
  readonly appenders: string[];
  readonly level: PlanLevel;
  readonly enableCallStack: boolean;
  /** What is inherited is worked out here; log4js must not add to it. */
  readonly inherit: false;
}

/** A logger with everything that it inherits worked out: Python's rules, where handlers above ignore their level. */
function category(plan: LoggingPlan, name: string): Category {
  const chain = ['', ...plan.loggers.keys()];
  const parents = above(name).filter((parent) => chain.includes(parent));
  let level = plan.loggers.get(name)?.level ?? null;
  const handlers = [...(plan.loggers.get(name)?.handlers ?? [])];
  let propagates = plan.loggers.get(name)?.propagate ?? true;
  for (const parent of parents) {
    const { level: inherited, handlers: more } =
      parent === '' ? plan.root : (plan.loggers.get(parent) ?? plan.root);
    level ??= inherited;
    if (propagates) handlers.push(...more.filter((handler) => !handlers.includes(handler)));
    propagates &&= plan.loggers.get(parent)?.propagate ?? true;
  }
  return {
    appenders: handlers.length === 0 ? ['nowhere'] : handlers,
    level: level ?? plan.root.level,
    enableCallStack: plan.callSites,
    inherit: false,
  };
}

/**
 * Put a plan in force for all loggers, also those that exist already. Files are opened before anything changes.
 *
 * @throws LoggingError when a destination cannot be opened; the plan before then stays in force
 */
export function applyPlan(plan: LoggingPlan): void {
  const appenders: Record<string, log4js.CustomAppender> = {
    nowhere: { type: { configure: () => () => undefined } },
  };
  const sinks: Sink[] = [];
  try {
    for (const [name, handler] of plan.handlers) {
      const sink = openSink(handler.destination);
      sinks.push(sink);
      appenders[name] = appender(handler, sink);
    }
  } catch (error) {
    for (const sink of sinks) sink.close();
    throw error;
  }
  const categories: Record<string, Category> = {
    default: {
      appenders: plan.root.handlers.length === 0 ? ['nowhere'] : [...plan.root.handlers],
      level: plan.root.level,
      enableCallStack: plan.callSites,
      inherit: false,
    },
  };
  for (const name of plan.loggers.keys()) categories[name] = category(plan, name);
  log4js.configure({ appenders, categories, disableClustering: true });
  generation += 1;
  for (const sink of openSinks) sink.close();
  openSinks = sinks;
}

/**
 * Log as the options of `[DEFAULT]` say. To be called again when they change, and when the log file was moved away:
 * it is opened anew.
 *
 * @param around what the options do not say; a text is the name of the program
 * @throws LoggingError
 */
export function configureLogging(
  options: LoggingOptions,
  around: string | LoggingSurroundings = 'keystone',
): void {
  applyPlan(planOf(options, around));
}

/**
 * Whether `configureLogging` would succeed; nothing changes.
 *
 * @throws LoggingError as it would
 */
export function checkLogging(options: LoggingOptions, around: string | LoggingSurroundings): void {
  for (const { destination } of planOf(options, around).handlers.values()) checkSink(destination);
}

/** Close all files and log nothing any more. */
export function shutdownLogging(): void {
  applyPlan({
    handlers: new Map(),
    root: { level: 'OFF', handlers: [] },
    loggers: new Map(),
    callSites: false,
  });
}
