/** A plan put in force: which lines of a logger go where. Its lines are sorted when the plan is, not when they come. */
import { checkSink, openSink } from './destinations.js';
import { type LoggingOptions, type LoggingSurroundings, planOf } from './options.js';
import type { Handler, LoggingPlan, PlanLevel } from './plan.js';
import { ACCESS_LOGGER, LEVELS, type LogRecord, type Sink } from './types.js';

/** From `ALL` below all levels to `OFF` above. */
const PLAN_LEVELS: Readonly<Record<PlanLevel, number>> = {
  ALL: 0,
  TRACE: LEVELS.TRACE,
  DEBUG: LEVELS.DEBUG,
  INFO: LEVELS.INFO,
  WARN: LEVELS.WARNING,
  ERROR: LEVELS.ERROR,
  FATAL: LEVELS.CRITICAL,
  OFF: LEVELS.CRITICAL + 1,
};

/** What becomes of the lines of a logger. */
export interface Channel {
  /** The lowest level that is written. */
  readonly threshold: number;
  /** Whether some format shows the place in the program. */
  readonly callSites: boolean;
  readonly outlets: readonly Outlet[];
}

/** A handler at work. */
interface Outlet {
  readonly lowest: number;
  write(record: LogRecord): void;
}

const SILENT: Channel = { threshold: PLAN_LEVELS.OFF, callSites: false, outlets: [] };

let generation = 0;
let openSinks: readonly Sink[] = [];
/** By name of the logger; the root is `''`. */
let channels: ReadonlyMap<string, Channel> = new Map();

/** Changes whenever a plan is put in force; 0 while there is none. */
export function loggingGeneration(): number {
  return generation;
}

/** The channel of a logger: its own or that of the nearest logger above that the plan names. */
export function channelOf(name: string): Channel {
  for (const candidate of [name, ...above(name)]) {
    const channel = channels.get(candidate);
    if (channel !== undefined) return channel;
  }
  return SILENT;
}

function outlet({ format, level = 'ALL' }: Handler, sink: Sink): Outlet {
  return {
    lowest: PLAN_LEVELS[level],
    write: (record) => sink.write(format(record), record.level, record.name === ACCESS_LOGGER),
  };
}

/** The loggers above one, the nearest first, the root (`''`) last. */
function above(name: string): string[] {
  const at = name.lastIndexOf('.');
  return at < 0 ? [''] : [name.slice(0, at), ...above(name.slice(0, at))];
}

/** A logger with everything that it inherits worked out: Python's rules, where handlers above ignore their level. */
function channel(plan: LoggingPlan, name: string, outlets: ReadonlyMap<string, Outlet>): Channel {
  const own = plan.loggers.get(name);
  const names = new Set(own?.handlers);
  let level = own?.level ?? null;
  let propagates = own?.propagate ?? true;
  for (const parent of above(name)) {
    const {
      level: inherited,
      handlers,
      propagate,
    } = parent === '' ? rootOf(plan) : (plan.loggers.get(parent) ?? NONE);
    level ??= inherited;
    if (propagates) for (const handler of handlers) names.add(handler);
    propagates &&= propagate;
  }
  return {
    threshold: PLAN_LEVELS[level ?? plan.root.level],
    callSites: plan.callSites,
    outlets: [...names].flatMap((handler) => outlets.get(handler) ?? []),
  };
}

const NONE = { level: null, handlers: [], propagate: true };

function rootOf({
  root,
}: LoggingPlan): typeof NONE | { level: PlanLevel; handlers: readonly string[]; propagate: true } {
  return { ...root, propagate: true };
}

/**
 * Put a plan in force for all loggers, also those that exist already. Files are opened before anything changes.
 *
 * @throws LoggingError when a destination cannot be opened; the plan before then stays in force
 */
export function applyPlan(plan: LoggingPlan): void {
  const outlets = new Map<string, Outlet>();
  const sinks: Sink[] = [];
  try {
    for (const [name, handler] of plan.handlers) {
      const sink = openSink(handler.destination);
      sinks.push(sink);
      outlets.set(name, outlet(handler, sink));
    }
  } catch (error) {
    for (const sink of sinks) sink.close();
    throw error;
  }
  const root: Channel = {
    threshold: PLAN_LEVELS[plan.root.level],
    callSites: plan.callSites,
    outlets: plan.root.handlers.flatMap((handler) => outlets.get(handler) ?? []),
  };
  const named = [...plan.loggers.keys()].map((name) => [name, channel(plan, name, outlets)] as const);
  channels = new Map([['', root], ...named]);
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
