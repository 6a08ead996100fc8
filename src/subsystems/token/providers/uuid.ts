/** UUID tokens: a random id, under which the token is kept. Source: `[token] provider = uuid`, Newton's default. */
import { uuidHex } from '../../../common/crypto/random_ids.js';
import { TokenNotFound } from '../../../common/errors.js';
import type { TokenModel, V3TokenBody } from '../../../common/token_model.js';
import type { DriverContext } from '../../subsystem.js';
import type { TokenProvider } from '../driver.js';
import { openTokenStore, type TokenStore } from '../store.js';
import type { TokenFacts } from '../types.js';

/** Of ids that are no UUIDs, the store need not be asked. */
const UUID = /^[0-9a-f]{32}$/;

/** @throws Error when `[token] driver` cannot be had */
export async function createDriver(context: DriverContext): Promise<TokenProvider> {
  const { driver, revoke_by_id: revokeById } = context.conf.token;
  return new UuidProvider(await openTokenStore(context), revokeById, driver === 'sql');
}

class UuidProvider implements TokenProvider {
  readonly supportsBind = true;
  readonly issueTimeStep = 1;

  constructor(
    private readonly store: TokenStore,
    private readonly revokeById: boolean,
    private readonly isInDatabase: boolean,
  ) {}

  foundation(): Promise<string | undefined> {
    return Promise.resolve(this.isInDatabase ? '' : undefined);
  }

  async issue(facts: TokenFacts, body: V3TokenBody): Promise<string> {
    const id = uuidHex();
    await this.store.create({ id, facts, body });
    return id;
  }

  async read(id: string): Promise<TokenFacts> {
    if (!UUID.test(id)) throw new TokenNotFound('Failed to validate token');
    return this.store.read(id);
  }

  async forget({ id }: TokenModel): Promise<void> {
    if (this.revokeById) await this.store.invalidate(id);
  }
}
