/**
 * Tokens that were found good, kept in memory for as long as nothing they rest on can have changed: a revocation, a
 * disabled user, a removed role or a changed catalog holds for the next request of every process.
 */
import { isPromise, type MaybePromise } from '../../common/maybe_promise.js';
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

  /** @param state, glance see FreshCache */
  constructor(state: () => MaybePromise<string | undefined>, glance: () => string | undefined) {
    this.kept = new FreshCache(state, MAX_TOKENS, glance);
  }

  /** The kept token, when it is known to be good without waiting; undefined: `get`. */
  peek(id: string): TokenModel | undefined {
    return this.kept.peek(id, isOn)?.token;
  }

  /** The kept token, or what `validate` says. A token that is kept is still looked at for its end. */
  get(id: string, validate: () => Promise<ValidatedToken>): MaybePromise<TokenModel> {
    const validated = this.kept.get(id, validate, isOn);
    return isPromise(validated) ? validated.then(({ token }) => token) : validated.token;
  }
}

function isOn({ until }: ValidatedToken): boolean {
  return until > Date.now();
}
