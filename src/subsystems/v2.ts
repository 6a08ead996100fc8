/** What the controllers of API v2.0 are made from. They stand beside those of v3, on the same managers. */
import type { Conf } from '../conf/index.js';
import type { Providers } from './providers.js';

export interface V2Context {
  readonly conf: Conf;
  readonly providers: Providers;
  /** Run several writes as one: operations of v2.0 are made of several of the managers'. */
  readonly transaction: <T>(work: () => Promise<T>) => Promise<T>;
}
