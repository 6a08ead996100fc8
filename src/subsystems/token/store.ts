/** Where tokens are kept by providers whose tokens say nothing themselves. Source: `[token] driver`. */
import type { V3TokenBody } from '../../common/token_model.js';
import { type DriverContext, type DriverModule, loadDriver } from '../subsystem.js';
import type { TokenFacts } from './types.js';

export interface NewStoredToken {
  /** What the token is found by. */
  readonly id: string;
  readonly facts: TokenFacts;
  readonly body: V3TokenBody;
}

export interface TokenStore {
  create(token: NewStoredToken): Promise<void>;
  /** @throws TokenNotFound when it was never stored, is marked invalid or cannot be read; expiry is not looked at */
  read(id: string): Promise<TokenFacts>;
  /** Mark a token invalid; one that is not there stays so. */
  invalidate(id: string): Promise<void>;
}

const drivers: Readonly<Record<string, () => Promise<DriverModule<TokenStore>>>> = {
  sql: () => import('./backends/sql.js'),
};

/** @throws Error naming the option, the unknown driver and the valid names */
export function openTokenStore(context: DriverContext): Promise<TokenStore> {
  const option = { section: 'token', name: 'driver' };
  return loadDriver({ drivers, option }, context.conf.token.driver, context);
}

export { deleteExpiredTokens } from './backends/sql.js';
