/**
 * What is to be logged where: the common form of the options of `[DEFAULT]` and of a logging configuration file.
 * Levels are named as loggers of many languages name them.
 */
import type { LineFormatter } from './types.js';

export type PlanLevel = 'ALL' | 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL' | 'OFF';

/** When a file is set aside and a new one begun. The old ones beyond `keep` are deleted. */
export type Rotation =
  | { readonly kind: 'size'; readonly bytes: number; readonly keep: number }
  | {
      readonly kind: 'time';
      /** `midnight` and `w0` (Monday) to `w6` are points of local time, the others spans since the last change. */
      readonly when: 's' | 'm' | 'h' | 'd' | 'midnight' | `w${number}`;
      readonly interval: number;
      readonly utc: boolean;
      /** 0: all of them. */
      readonly keep: number;
    };

/** Where syslog listens: a UNIX datagram socket by its path, or a host and port of UDP. */
export type SyslogAddress = string | { readonly host: string; readonly port: number };

/** Where lines go. */
export type Destination =
  | { readonly kind: 'stderr' | 'stdout' | 'nowhere' }
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Look before each line whether the file was moved away (by logrotate), and begin a new one. */
      readonly watch?: boolean;
      readonly rotation?: Rotation;
      /** Empty it when it is opened. */
      readonly truncate?: boolean;
    }
  | {
      readonly kind: 'syslog';
      readonly address: SyslogAddress;
      /** Number, as in syslog.h: 1 is user, 16 local0. */
      readonly facility: number;
      /** Who the lines come from. */
      readonly ident: string;
    };

export interface Handler {
  readonly destination: Destination;
  readonly format: LineFormatter;
  /** Lines below it are left out. Absent: none. */
  readonly level?: PlanLevel;
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
