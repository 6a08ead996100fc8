/** Who observes the events: this service, by its id in its own catalog. */
import { getLogger } from '../log/index.js';
import { uuidHex } from './payloads.js';

const log = getLogger('keystone.notifications');

/** Milliseconds for which an id counts: another process may change the catalog. */
const LIFETIME = 60_000;

export class Observer {
  /** What events get as long as the catalog names no identity service. */
  private readonly unnamed = uuidHex();
  private known: Promise<string> | null = null;
  private until = 0;

  /** @param find the id of the first identity service of the catalog, null when there is none */
  constructor(private readonly find: () => Promise<string | null>) {}

  /** Looked up once and remembered. Answers come in the order of the questions; none is an error. */
  id(): Promise<string> {
    const now = Date.now();
    if (this.known === null || now >= this.until) {
      this.until = now + LIFETIME;
      this.known = this.look();
    }
    return this.known;
  }

  /** The catalog has changed. */
  forget(): void {
    this.known = null;
  }

  private async look(): Promise<string> {
    try {
      return (await this.find()) ?? this.unnamed;
    } catch (error) {
      log.debug(`The observer of notifications is not known: ${String(error)}`);
      this.forget();
      return this.unnamed;
    }
  }
}
