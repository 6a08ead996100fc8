/** Where tokens are kept by providers whose tokens say nothing themselves. Source: `[token] driver`. */

import type { ShapeOf } from '../../common/shape.js';
import type { V3TokenBody } from '../../common/token_model.js';
import { type DriverContext, type DriverModule, loadDriver } from '../subsystem.js';
import type { TokenFacts } from './types.js';

export interface NewStoredToken {
  /** What the token is found by. */
  readonly id: string;
  readonly facts: TokenFacts;
  readonly body: V3TokenBody;
}

/** A stored token that has been marked invalid and has not expired. */
export interface RevokedToken {
  /** As stored: for signed tokens the digest. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The token's own audit id; empty when what is stored cannot be read any more. */
  readonly auditId: string;
}

/** Which stored tokens: all that is given must hold. At least one is given. */
export interface TokenCriteria {
  /** Whom the token speaks for, and trustor and trustee of its trust. */
  readonly userId?: string;
  readonly projectId?: string;
  readonly roleId?: string;
  /** Domain of the user, of the project or of the scope. */
  readonly domainId?: string;
  readonly trustId?: string;
  readonly consumerId?: string;
  readonly accessTokenId?: string;
}

export interface TokenStore {
  create(token: NewStoredToken): Promise<void>;
  /** @throws TokenNotFound when it was never stored, is marked invalid or cannot be read; expiry is not looked at */
  read(id: string): Promise<TokenFacts>;
  /** Mark a token invalid; one that is not there stays so. */
  invalidate(id: string): Promise<void>;
  /**
   * Mark the matching tokens that have not expired invalid, as far as the store can find them: events of revocation
   * hold for all tokens in any case. `matchesCriteria` says whether a token matches.
   */
  invalidateMatching(criteria: TokenCriteria): Promise<void>;
  /** As `invalidateMatching` for each of the users; absent where that takes one search per user anyway. */
  invalidateOfUsers?(userIds: readonly string[], criteria: Omit<TokenCriteria, 'userId'>): Promise<void>;
  /** Unexpired tokens that were marked invalid, in no particular order. */
  listRevoked(): Promise<readonly RevokedToken[]>;
}

/** What is asked of drivers of packages. */
export const TOKEN_STORE_SHAPE: ShapeOf<TokenStore> = {
  create: 'method',
  read: 'method',
  invalidate: 'method',
  invalidateMatching: 'method',
  invalidateOfUsers: 'optional method',
  listRevoked: 'method',
};

const drivers: Readonly<Record<string, () => Promise<DriverModule<TokenStore>>>> = {
  sql: () => import('./backends/sql.js'),
  memcache: () => import('./backends/memcache.js'),
  memcache_pool: () => import('./backends/memcache_pool.js'),
  kvs: () => import('./backends/kvs.js'),
};

/** @throws Error naming the option, the unknown driver and the valid names */
export function openTokenStore(context: DriverContext): Promise<TokenStore> {
  const option = { section: 'token', name: 'driver' };
  return loadDriver({ drivers, option, shape: TOKEN_STORE_SHAPE }, context.conf.token.driver, context);
}

export { deleteExpiredTokens } from './backends/sql.js';
