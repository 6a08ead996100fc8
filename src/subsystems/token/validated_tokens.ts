/**
 * Tokens that were found good, kept in memory for as long as nothing they rest on can have changed: a revocation, a
 * disabled user, a removed role or a changed catalog holds for the next request of every process.
 */
import type { TokenModel } from '../../common/token_model.js';
import { FreshCache } from './fresh_cache.js';

/** Tokens kept per process. A token with a large catalog takes some 10 KB. */
const MAX_TOKENS = 10_000;

export class ValidatedTokens {
  private readonly kept: FreshCache<TokenModel>;

  /** @param state see FreshCache */
  constructor(state: () => Promise<string | undefined>) {
    this.kept = new FreshCache(state, MAX_TOKENS);
  }

  /** The kept token, or what `validate` says. A token that is kept is still looked at for its expiry. */
  get(id: string, validate: () => Promise<TokenModel>): Promise<TokenModel> {
    return this.kept.get(id, validate, (token) => token.expiresAt > Date.now(), isLasting);
  }
}

/** Tokens of trusts and OAuth also end with these, at times of their own. */
function isLasting({ body }: TokenModel): boolean {
  return body['OS-TRUST:trust'] === undefined && body['OS-OAUTH1'] === undefined;
}
