/** Hierarchical loggers by dotted name, as in Python's logging (`keystone.token.provider`). */
import log4js from 'log4js';

export interface Logger {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  isDebugEnabled(): boolean;
}

/** The logger of a name; levels and destinations come from the configuration (`configureLogging`). */
export function getLogger(name: string): Logger {
  return log4js.getLogger(name);
}
