/** Loggers by name. They cost next to nothing where their level is off. */
import { callSite } from './call_site.js';
import { type Channel, channelOf, loggingGeneration } from './configure.js';
import { escapeControls, maskSecrets } from './mask.js';
import { currentSubject } from './subject.js';
import { LEVELS, type LevelName, type Logger } from './types.js';

/** Calls between a line's place in the program and its record: `#write` and the method of its level. */
const FRAMES = 2;

class NamedLogger implements Logger {
  readonly #name: string;
  #generation = -1;
  #channel: Channel | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  debug(text: string): void {
    this.#write('DEBUG', text);
  }

  info(text: string): void {
    this.#write('INFO', text);
  }

  warn(text: string): void {
    this.#write('WARNING', text);
  }

  error(text: string): void {
    this.#write('ERROR', text);
  }

  isDebugEnabled(): boolean {
    return LEVELS.DEBUG >= this.#current().threshold;
  }

  #write(level: LevelName, text: string): void {
    const { threshold, outlets, callSites } = this.#current();
    const rank = LEVELS[level];
    if (rank < threshold) return;
    const record = {
      time: new Date(),
      level,
      name: this.#name,
      message: escapeControls(maskSecrets(text)),
      subject: currentSubject(),
      site: callSites ? callSite(FRAMES) : null,
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
