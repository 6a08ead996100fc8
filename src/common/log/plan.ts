/**
 * What is to be logged where: the common form of the options of `[DEFAULT]` and of a logging configuration file.
 * Levels are those of log4js.
 */
import type { LineFormatter } from './types.js';

export type PlanLevel = 'ALL' | 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL' | 'OFF';

/** Where lines go. */
export type Destination = { readonly kind: 'stderr' } | { readonly kind: 'file'; readonly path: string };

export interface Handler {
  readonly destination: Destination;
  readonly format: LineFormatter;
}

export interface LoggerPlan {
  /** Null: that of the next logger above. */
  readonly level: PlanLevel | null;
  /** Names of handlers. */
  readonly handlers: readonly string[];
  /** Whether the handlers of the loggers above get the lines too. */
  readonly propagate: boolean;
}

export interface LoggingPlan {
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly root: { readonly level: PlanLevel; readonly handlers: readonly string[] };
  /** By dotted name. */
  readonly loggers: ReadonlyMap<string, LoggerPlan>;
  /** Whether some format shows the place in the program that wrote a line. */
  readonly callSites: boolean;
}

const LEVELS: Readonly<Record<string, PlanLevel>> = {
  NOTSET: 'ALL',
  ALL: 'ALL',
  TRACE: 'TRACE',
  DEBUG: 'DEBUG',
  INFO: 'INFO',
  AUDIT: 'INFO',
  WARN: 'WARN',
  WARNING: 'WARN',
  ERROR: 'ERROR',
  CRITICAL: 'FATAL',
  FATAL: 'FATAL',
};

/** The level of a name of Python's logging, in any case of letters, or of a number; null when there is none. */
export function levelOf(name: string): PlanLevel | null {
  const text = name.trim().toUpperCase();
  if (!/^\d+$/.test(text)) return LEVELS[text] ?? null;
  const number = Number(text);
  if (number <= 5) return number === 0 ? 'ALL' : 'TRACE';
  if (number <= 10) return 'DEBUG';
  if (number <= 20) return 'INFO';
  if (number <= 30) return 'WARN';
  return number <= 40 ? 'ERROR' : 'FATAL';
}
