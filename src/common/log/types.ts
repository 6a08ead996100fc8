/** What a log line is made of. */

export interface Logger {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  isDebugEnabled(): boolean;
}

/** The logger that has a line of each request. */
export const ACCESS_LOGGER = 'keystone.server.access';

/** Names as in Python's logging, because formats and configuration files use them. */
export type LevelName = 'TRACE' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

/** As Python's logging counts them. */
export const LEVELS: Readonly<Record<LevelName, number>> = {
  TRACE: 5,
  DEBUG: 10,
  INFO: 20,
  WARNING: 30,
  ERROR: 40,
  CRITICAL: 50,
};

/** On whose behalf a line is written; every field is null when it is not (or not yet) known. */
export interface LogSubject {
  readonly requestId: string | null;
  readonly userId: string | null;
  readonly projectId: string | null;
  readonly domainId: string | null;
  readonly userDomainId: string | null;
  readonly projectDomainId: string | null;
}

/** Where in the program a line was written. */
export interface CallSite {
  readonly functionName: string;
  readonly path: string;
  readonly line: number;
}

export interface LogRecord {
  readonly time: Date;
  readonly level: LevelName;
  /** Dotted name of the logger. */
  readonly name: string;
  /** May hold several lines; secrets are masked already. */
  readonly message: string;
  readonly subject: LogSubject | null;
  readonly site: CallSite | null;
}

/** Text of a record, without a line feed at its end. */
export type LineFormatter = (record: LogRecord) => string;

/** Where lines go to, opened. */
export interface Sink {
  /**
   * @param text one line or several, without a line feed at its end
   * @param mayWait whether it may be written together with others a few milliseconds later
   */
  write(text: string, level: LevelName, mayWait?: boolean): void;
  close(): void;
}
