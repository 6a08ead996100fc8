/** Tokens in the SQL table `token`. */
import { TokenNotFound } from '../../../common/errors.js';
import { unpackExtra } from '../../../common/sql/extra.js';
import { type Database, likePattern, type PreparedSql, prepareSql } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { NewStoredToken, RevokedToken, TokenCriteria, TokenStore } from '../store.js';
import {
  auditIdOfStored,
  factsOfStored,
  matchesCriteria,
  storedForm,
  usersOfStored,
} from '../stored_token.js';
import type { TokenFacts } from '../types.js';

const INSERT = prepareSql({
  text: 'INSERT INTO token (id, expires, extra, valid, trust_id, user_id) VALUES (?, ?, ?, TRUE, ?, ?)',
});
const READ = prepareSql({
  text: 'SELECT extra FROM token WHERE id = ? AND valid = TRUE',
  columns: { extra: 'text?' },
});
const INVALIDATE = prepareSql({ text: 'UPDATE token SET valid = FALSE WHERE id = ?' });
/** Tokens that are read at once: each may hold a catalog. */
const BATCH = 200;
const REVOKED = prepareSql({
  text: 'SELECT id, expires FROM token WHERE valid = FALSE AND expires > ?',
  columns: { id: 'text', expires: 'datetime' },
});
const READ_THESE = prepareSql({
  text: 'SELECT id, extra FROM token WHERE id IN (??)',
  columns: { id: 'text', extra: 'text?' },
});
const INVALIDATE_USER = prepareSql({
  text: 'UPDATE token SET valid = FALSE WHERE user_id = ? AND valid = TRUE AND expires > ?',
});
const INVALIDATE_TRUST = prepareSql({
  text: 'UPDATE token SET valid = FALSE WHERE trust_id = ? AND valid = TRUE AND expires > ?',
});
const INVALIDATE_THESE = prepareSql({ text: 'UPDATE token SET valid = FALSE WHERE id IN (??)' });

/** Tokens in which a text stands, wherever: what it means there has to be looked at. */
const naming = (condition: string): typeof NAMING =>
  prepareSql({
    text: `SELECT id FROM token WHERE ${condition}valid = TRUE AND expires > ? AND extra LIKE ? ESCAPE '!'`,
    columns: { id: 'text' },
  });
const NAMING: PreparedSql<{ id: string }> = naming('');
const OF_USER_NAMING = naming('user_id = ? AND ');
const OF_USERS_NAMING = naming('user_id IN (??) AND ');
const OF_TRUSTS_NAMING = naming('trust_id IS NOT NULL AND ');
const EXPIRED = prepareSql({
  text: 'SELECT id FROM token WHERE expires <= ? ORDER BY expires LIMIT 500',
  columns: { id: 'text' },
});
const DELETE = prepareSql({ text: 'DELETE FROM token WHERE id IN (??)' });

/** Bytes of a text column of MySQL. */
const MAX_EXTRA = 65_535;

export function createDriver({ database }: DriverContext): TokenStore {
  return new SqlTokenStore(database);
}

class SqlTokenStore implements TokenStore {
  constructor(private readonly database: Database) {}

  async create(token: NewStoredToken): Promise<void> {
    await this.database.execute(INSERT, [
      token.id,
      new Date(token.facts.expiresAt),
      extraOf(token),
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

  async invalidateMatching(criteria: TokenCriteria): Promise<void> {
    const now = new Date();
    const { userId, trustId, ...more } = criteria;
    if (trustId !== undefined) {
      await this.database.execute(INVALIDATE_TRUST, [trustId, now]);
      return;
    }
    const named = Object.values(more).find((id) => id !== undefined);
    const matches = (stored: Record<string, unknown>): boolean => matchesCriteria(stored, criteria);
    if (userId === undefined) {
      if (named !== undefined) await this.invalidateAmong(NAMING, [], named, matches);
      return;
    }
    if (named === undefined) await this.database.execute(INVALIDATE_USER, [userId, now]);
    else await this.invalidateAmong(OF_USER_NAMING, [userId], named, matches);
    await this.invalidateAmong(OF_TRUSTS_NAMING, [], userId, matches);
  }

  async invalidateOfUsers(
    userIds: readonly string[],
    criteria: Omit<TokenCriteria, 'userId'>,
  ): Promise<void> {
    const users = new Set(userIds);
    const matches = (stored: Record<string, unknown>): boolean =>
      matchesCriteria(stored, criteria) && usersOfStored(stored).some((id) => users.has(id));
    const named = Object.values(criteria).find((id) => id !== undefined) ?? '';
    for (let at = 0; at < userIds.length; at += BATCH) {
      await this.invalidateAmong(OF_USERS_NAMING, [userIds.slice(at, at + BATCH)], named, matches);
    }
    await this.invalidateAmong(OF_TRUSTS_NAMING, [], named, matches);
  }

  async listRevoked(): Promise<readonly RevokedToken[]> {
    const rows = await this.database.query(REVOKED, [new Date()]);
    const expiry = new Map(rows.map(({ id, expires }) => [id, expires.getTime()]));
    const tokens: RevokedToken[] = [];
    for await (const [id, stored] of this.readMany([...expiry.keys()])) {
      tokens.push({ id, expiresAt: expiry.get(id) ?? 0, auditId: auditIdOfStored(stored) });
    }
    return tokens;
  }

  private async invalidateAmong(
    statement: typeof NAMING,
    parameters: readonly (string | readonly string[])[],
    id: string,
    matches: (stored: Record<string, unknown>) => boolean,
  ): Promise<void> {
    const rows = await this.database.query(statement, [...parameters, new Date(), patternOf(id)]);
    const matching: string[] = [];
    for await (const [found, stored] of this.readMany(rows.map((row) => row.id))) {
      if (matches(stored)) matching.push(found);
    }
    for (let at = 0; at < matching.length; at += BATCH) {
      await this.database.execute(INVALIDATE_THESE, [matching.slice(at, at + BATCH)]);
    }
  }

  private async *readMany(ids: readonly string[]): AsyncGenerator<[string, Record<string, unknown>]> {
    for (let at = 0; at < ids.length; at += BATCH) {
      const rows = await this.database.query(READ_THESE, [ids.slice(at, at + BATCH)]);
      for (const { id, extra } of rows) yield [id, unpackExtra(extra)];
    }
  }
}

/** What stands beside the columns: all that a token says, but for a catalog that is too large. It is not read again. */
function extraOf(token: NewStoredToken): string {
  const extra = JSON.stringify(storedForm(token));
  if (Buffer.byteLength(extra) <= MAX_EXTRA) return extra;
  const { catalog: _catalog, ...body } = token.body;
  return JSON.stringify(storedForm({ ...token, body }));
}

/** Ids of signs that JSON writes in several ways are looked for in every token. */
function patternOf(id: string): string {
  return likePattern('contains', /^[\w.@:-]*$/.test(id) ? id : '');
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
