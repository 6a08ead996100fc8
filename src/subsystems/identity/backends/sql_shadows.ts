/** Rows for users of directories, in the tables `user` and `nonlocal_user`. */
import { type Database, DuplicateError, prepareSql, RetryableError } from '../../../common/sql/index.js';
import type { ShadowDriver, ShadowUser } from '../shadow_driver.js';

const NAME = prepareSql({
  text: `SELECT u.id, n.name, n.domain_id FROM "user" u LEFT JOIN nonlocal_user n ON n.user_id = u.id
    WHERE u.id = ?`,
  columns: { id: 'text', name: 'text?', domain_id: 'text?' },
});
const OF_DOMAIN = prepareSql({
  text: 'SELECT user_id FROM nonlocal_user WHERE domain_id = ?',
  columns: { user_id: 'text' },
});

export class SqlShadows implements ShadowDriver {
  constructor(private readonly database: Database) {}

  async ensure(user: ShadowUser): Promise<void> {
    const [row] = await this.database.query(NAME, [user.id]);
    if (row?.name === user.name && row.domain_id === user.domain_id) return;
    await this.database.transaction(() => this.store(user));
  }

  async delete(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.transaction(async () => {
      await this.database.table('nonlocal_user').delete({ user_id: ids });
      await this.database.table('user').delete({ id: ids });
    });
  }

  async deleteOfDomain(domainId: string): Promise<void> {
    const rows = await this.database.query(OF_DOMAIN, [domainId]);
    for (let start = 0; start < rows.length; start += 500) {
      await this.delete(rows.slice(start, start + 500).map((row) => row.user_id));
    }
  }

  private async store({ id, name, domain_id }: ShadowUser): Promise<void> {
    const names = this.database.table('nonlocal_user');
    try {
      if ((await this.database.table('user').get(id)) === null) {
        await this.database
          .table('user')
          .insert({ id, domain_id, enabled: true, extra: '{}', created_at: new Date() });
      } else {
        await this.database.table('user').update({ id }, { domain_id });
      }
      // In the directory a name belongs to one user: who had it before is another one or gone.
      await names.delete({ domain_id, name });
      await names.delete({ user_id: id });
      await names.insert({ domain_id, name, user_id: id });
    } catch (error) {
      // Two requests of one user may be the first.
      if (error instanceof DuplicateError) {
        throw new RetryableError('the user signed in elsewhere at the same time', { cause: error });
      }
      throw error;
    }
  }
}
