/** Tokens in the SQL table `token`. */
import { TokenNotFound } from '../../../common/errors.js';
import { unpackExtra } from '../../../common/sql/extra.js';
import { type Database, prepareSql } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { NewStoredToken, TokenStore } from '../store.js';
import { factsOfStored, storedForm } from '../stored_token.js';
import type { TokenFacts } from '../types.js';

const INSERT = prepareSql({
  text: 'INSERT INTO token (id, expires, extra, valid, trust_id, user_id) VALUES (?, ?, ?, TRUE, ?, ?)',
});
const READ = prepareSql({
  text: 'SELECT extra FROM token WHERE id = ? AND valid = TRUE',
  columns: { extra: 'text?' },
});
const INVALIDATE = prepareSql({ text: 'UPDATE token SET valid = FALSE WHERE id = ?' });
const EXPIRED = prepareSql({
  text: 'SELECT id FROM token WHERE expires <= ? ORDER BY expires LIMIT 500',
  columns: { id: 'text' },
});
const DELETE = prepareSql({ text: 'DELETE FROM token WHERE id IN (??)' });

export function createDriver({ database }: DriverContext): TokenStore {
  return new SqlTokenStore(database);
}

class SqlTokenStore implements TokenStore {
  constructor(private readonly database: Database) {}

  async create(token: NewStoredToken): Promise<void> {
    await this.database.execute(INSERT, [
      token.id,
      new Date(token.facts.expiresAt),
      JSON.stringify(storedForm(token)),
      token.facts.trustId,
      token.body.user.id,
    ]);
  }

  async read(id: string): Promise<TokenFacts> {
    const [row] = await this.database.query(READ, [id]);
    if (row === undefined) throw new TokenNotFound('Failed to validate token');
    return factsOfStored(unpackExtra(row.extra));
  }

  async invalidate(id: string): Promise<void> {
    await this.database.execute(INVALIDATE, [id]);
  }
}

/**
 * Delete the tokens that expired before an instant, in small transactions: nobody waits for long.
 * @param now milliseconds since the epoch
 * @param onProgress told how many have gone so far, after each batch
 * @returns how many went
 */
export async function deleteExpiredTokens(
  database: Database,
  now: number,
  onProgress: (count: number) => void,
): Promise<number> {
  let count = 0;
  for (;;) {
    const ids = (await database.query(EXPIRED, [new Date(now)])).map(({ id }) => id);
    if (ids.length === 0) return count;
    count += await database.execute(DELETE, [ids]);
    onProgress(count);
  }
}
