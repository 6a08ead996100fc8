/** Loggers by name. They cost next to nothing where their level is off. */
import { callSite } from './call_site.js';
import { type Channel, channelOf, LEVELS, loggingGeneration } from './configure.js';
import { escapeControls, maskSecrets } from './mask.js';
import { currentSubject } from './subject.js';
import type { LevelName, Logger } from './types.js';

class NamedLogger implements Logger {
  readonly #name: string;
  #generation = -1;
  #channel: Channel | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  debug(text: string): void {
    this.#write('DEBUG', text, this.debug);
  }

  info(text: string): void {
    this.#write('INFO', text, this.info);
  }

  warn(text: string): void {
    this.#write('WARNING', text, this.warn);
  }

  error(text: string): void {
    this.#write('ERROR', text, this.error);
  }

  isDebugEnabled(): boolean {
    return LEVELS.DEBUG >= this.#current().threshold;
  }

  /** @param method the one that was called: the place in the program is that of its caller */
  #write(level: LevelName, text: string, method: (text: string) => void): void {
    const { threshold, outlets, callSites } = this.#current();
    const rank = LEVELS[level];
    if (rank < threshold) return;
    const record = {
      time: new Date(),
      level,
      name: this.#name,
      message: escapeControls(maskSecrets(text)),
      subject: currentSubject(),
      site: callSites ? callSite(method) : null,
    };
    for (const outlet of outlets) if (rank >= outlet.lowest) outlet.write(record);
  }

  /** Looked up when the configuration has changed, not for every line. */
  #current(): Channel {
    const generation = loggingGeneration();
    if (this.#channel === null || generation !== this.#generation) {
      this.#generation = generation;
      this.#channel = channelOf(this.#name);
    }
    return this.#channel;
  }
}

/** The logger of a name; levels and destinations come from the configuration (`configureLogging`). */
export function getLogger(name: string): Logger {
  return new NamedLogger(name);
}
