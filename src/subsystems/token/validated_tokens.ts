/**
 * Tokens that were found good, kept in memory for as long as nothing they rest on can have changed.
 *
 * Each look-up proves the kept answer fresh: the database says whether anything was committed since, by any process
 * (`Database.changeToken`). So a revocation, a disabled user, a removed role or a changed catalog holds for the next
 * request of every process. Where no such proof can be had, nothing is kept. See docs/adr/0003-fresh-tokens.md.
 */
import { LRUCache } from 'lru-cache';
import type { TokenModel } from '../../common/token_model.js';

/** Tokens kept per process. A token with a large catalog takes some 10 KB. */
const MAX_TOKENS = 10_000;

interface Kept {
  /** State of the database before the token was looked at. */
  readonly state: string;
  readonly token: TokenModel;
}

export class ValidatedTokens {
  private readonly kept = new LRUCache<string, Kept>({ max: MAX_TOKENS });

  /** @param state changes whenever something that tokens rest on may have changed; undefined when nobody knows */
  constructor(private readonly state: () => Promise<string | undefined>) {}

  /** The kept token, or what `validate` says. A token that is kept is still looked at for its expiry. */
  async get(id: string, validate: () => Promise<TokenModel>): Promise<TokenModel> {
    const state = await this.state();
    if (state === undefined) return validate();
    const known = this.kept.get(id);
    if (known !== undefined && known.state === state && known.token.expiresAt > Date.now())
      return known.token;
    const token = await validate();
    // Tokens of trusts and OAuth also end with these, at times of their own.
    if (token.body['OS-TRUST:trust'] === undefined && token.body['OS-OAUTH1'] === undefined) {
      this.kept.set(id, { state, token });
    }
    return token;
  }
}
