/** What a token provider (a format, with or without a store) can do. */
import type { MaybePromise } from '../../common/maybe_promise.js';
import type { ShapeOf } from '../../common/shape.js';
import type { TokenModel, V3TokenBody } from '../../common/token_model.js';
import type { RevokedToken, TokenCriteria } from './store.js';
import type { TokenFacts } from './types.js';

export interface TokenProvider {
  /** Whether tokens can be bound to an external authentication (`[token] bind`). */
  readonly supportsBind: boolean;
  /** Step of the issue times that the format can carry, in milliseconds. */
  readonly issueTimeStep: number;
  /** Make the token's id, and store the token where the format needs it. */
  issue(facts: TokenFacts, body: V3TokenBody): Promise<string>;
  /** Read what a token says of itself. @throws TokenNotFound when it is not one of ours; expiry is not looked at */
  read(id: string): MaybePromise<TokenFacts>;
  /**
   * What `read` rests on beside the database, as a value that changes with it: the keys of a repository. Validated
   * tokens are kept in memory while it and the data are the same. Undefined, or no such method: nobody knows, so
   * nothing is kept.
   */
  foundation?(): MaybePromise<string | undefined>;
  /** The same when it can be told without waiting, undefined otherwise. Without it each validation waits a moment. */
  foundationAtHand?(): string | undefined;
  /** Forget a stored token; formats without a store have nothing to do. */
  forget(token: TokenModel): Promise<void>;
  /** Forget all stored tokens that match, as far as they can be found. Absent where none are stored. */
  forgetMatching?(criteria: TokenCriteria): Promise<void>;
  /** The same for each of many users. Absent where it would be done one by one. */
  forgetOfUsers?(userIds: readonly string[], criteria: Omit<TokenCriteria, 'userId'>): Promise<void>;
  /** The unexpired tokens that were forgotten. Absent where none are stored. */
  listRevoked?(): Promise<readonly RevokedToken[]>;
}

/** What is asked of drivers of packages. */
export const TOKEN_PROVIDER_SHAPE: ShapeOf<TokenProvider> = {
  supportsBind: 'boolean',
  issueTimeStep: 'number',
  issue: 'method',
  read: 'method',
  foundation: 'optional method',
  foundationAtHand: 'optional method',
  forget: 'method',
  forgetMatching: 'optional method',
  forgetOfUsers: 'optional method',
  listRevoked: 'optional method',
};
