/** What a store of OAuth consumers and tokens can do. */
import type { AccessToken } from './types.js';

export interface Oauth1Driver {
  /** Null when there is none. */
  getAccessToken(id: string): Promise<AccessToken | null>;
}
