/**
 * Tokens that were found good, kept in memory for as long as nothing they rest on can have changed: a revocation, a
 * disabled user, a removed role or a changed catalog holds for the next request of every process.
 */
import type { TokenModel } from '../../common/token_model.js';
import { FreshCache } from './fresh_cache.js';

/** Tokens kept per process. A token with a large catalog takes some 10 KB. */
const MAX_TOKENS = 10_000;

export interface ValidatedToken {
  readonly token: TokenModel;
  /** When it ends without anybody's doing: its expiry, or an earlier end of what it rests on. Milliseconds since 1970. */
  readonly until: number;
}

export class ValidatedTokens {
  private readonly kept: FreshCache<ValidatedToken>;

  /** @param state see FreshCache */
  constructor(state: () => Promise<string | undefined>) {
    this.kept = new FreshCache(state, MAX_TOKENS);
  }

  /** The kept token, or what `validate` says. A token that is kept is still looked at for its end. */
  async get(id: string, validate: () => Promise<ValidatedToken>): Promise<TokenModel> {
    return (await this.kept.get(id, validate, ({ until }) => until > Date.now())).token;
  }
}
