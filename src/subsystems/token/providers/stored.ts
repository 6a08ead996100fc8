/** What token providers have in common whose tokens are kept in the store of `[token] driver`. */
import { TokenNotFound } from '../../../common/errors.js';
import type { TokenModel, V3TokenBody } from '../../../common/token_model.js';
import type { DriverContext } from '../../subsystem.js';
import type { TokenProvider } from '../driver.js';
import { openTokenStore, type RevokedToken, type TokenCriteria, type TokenStore } from '../store.js';
import type { TokenFacts } from '../types.js';

/** The part in which such providers differ. */
export interface StoredFormat {
  /** A new token for the body: what clients get. */
  make(body: V3TokenBody): Promise<string>;
  /** What a token is stored by; null for what cannot be one, which the store need not be asked for. */
  storedId(id: string): string | null;
}

/** @throws Error when `[token] driver` cannot be had */
export async function createStoredProvider(
  context: DriverContext,
  format: StoredFormat,
): Promise<TokenProvider> {
  const { driver, revoke_by_id: revokeById } = context.conf.token;
  return new StoredTokenProvider(format, await openTokenStore(context), revokeById, driver === 'sql');
}

class StoredTokenProvider implements TokenProvider {
  readonly supportsBind = true;
  readonly issueTimeStep = 1;

  constructor(
    private readonly format: StoredFormat,
    private readonly store: TokenStore,
    private readonly revokeById: boolean,
    private readonly isInDatabase: boolean,
  ) {}

  foundation(): string | undefined {
    return this.isInDatabase ? '' : undefined;
  }

  foundationAtHand(): string | undefined {
    return this.foundation();
  }

  async issue(facts: TokenFacts, body: V3TokenBody): Promise<string> {
    const token = await this.format.make(body);
    const id = this.format.storedId(token);
    if (id === null) throw new Error('a new token is not of its own format');
    await this.store.create({ id, facts, body });
    return token;
  }

  async read(token: string): Promise<TokenFacts> {
    const id = this.format.storedId(token);
    if (id === null) throw new TokenNotFound('Failed to validate token');
    return this.store.read(id);
  }

  async forget({ id: token }: TokenModel): Promise<void> {
    const id = this.format.storedId(token);
    if (this.revokeById && id !== null) await this.store.invalidate(id);
  }

  async forgetMatching(criteria: TokenCriteria): Promise<void> {
    if (this.revokeById) await this.store.invalidateMatching(criteria);
  }

  async forgetOfUsers(userIds: readonly string[], criteria: Omit<TokenCriteria, 'userId'>): Promise<void> {
    if (!this.revokeById) return;
    if (this.store.invalidateOfUsers !== undefined) {
      await this.store.invalidateOfUsers(userIds, criteria);
      return;
    }
    for (const userId of userIds) await this.store.invalidateMatching({ ...criteria, userId });
  }

  listRevoked(): Promise<readonly RevokedToken[]> {
    return this.store.listRevoked();
  }
}
