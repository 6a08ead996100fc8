/** Loggers by name. They cost next to nothing where their level is off. */
import log4js from 'log4js';
import { loggingGeneration } from './configure.js';
import type { Logger } from './types.js';

const { DEBUG, INFO, WARN, ERROR } = log4js.levels;

class NamedLogger implements Logger {
  readonly #name: string;
  #target: log4js.Logger | null = null;
  #generation = 0;
  /** The lowest level that is written, as log4js counts them. */
  #threshold = Number.POSITIVE_INFINITY;

  constructor(name: string) {
    this.#name = name;
  }

  debug(text: string): void {
    if (this.#allows(DEBUG)) this.#target?.debug(text);
  }

  info(text: string): void {
    if (this.#allows(INFO)) this.#target?.info(text);
  }

  warn(text: string): void {
    if (this.#allows(WARN)) this.#target?.warn(text);
  }

  error(text: string): void {
    if (this.#allows(ERROR)) this.#target?.error(text);
  }

  isDebugEnabled(): boolean {
    return this.#allows(DEBUG);
  }

  /** log4js looks its configuration up for every line; here the answer is kept until the configuration changes. */
  #allows(level: log4js.Level): boolean {
    const generation = loggingGeneration();
    if (generation !== this.#generation) {
      this.#generation = generation;
      this.#target = log4js.getLogger(this.#name);
      // One frame more than usual stands between the caller and log4js.
      this.#target.callStackLinesToSkip = 1;
      this.#threshold = (this.#target.level as log4js.Level).level;
    }
    return level.level >= this.#threshold;
  }
}

/** The logger of a name; levels and destinations come from the configuration (`configureLogging`). */
export function getLogger(name: string): Logger {
  return new NamedLogger(name);
}
