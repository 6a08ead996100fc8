/** Users in the tables `user`, `local_user`, `nonlocal_user` and `federated_user`. */
import { UserNotFound, ValidationError } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { packExtra, unpackExtra } from '../../../common/sql/extra.js';
import { type Database, type PreparedSql, prepareSql } from '../../../common/sql/index.js';
import type { PreparedPassword, UserDriver } from '../driver.js';
import type { NewUser, User, UserChanges, UserSummary } from '../types.js';
import { storeNamed } from './sql_conflict.js';
import type { SqlPasswords } from './sql_passwords.js';
import {
  type Activity,
  ANY_USER,
  CURRENT_PASSWORD,
  DOMAIN_OF_ANY_USER,
  day,
  domainOf,
  NAME_OF_ANY_USER,
  toUser,
  USER_COLUMNS,
  type UserResult,
} from './sql_select.js';
import type { SqlUserLists } from './sql_user_lists.js';

/** Attributes with a place of their own; what else a client sends is kept in `extra`. */
const COLUMNS = ['id', 'name', 'domain_id', 'enabled', 'default_project_id'] as const;
/** Attributes that are never stored as they come. */
const NOT_EXTRA = ['password', 'password_expires_at', 'extra'];

const SUMMARY_COLUMNS = { id: 'text', name: 'text?', enabled: 'boolean', domain_id: 'text' } as const;
type SummaryResult = { id: string; name: string | null; enabled: boolean; domain_id: string };

const USERS_OF_DOMAIN = prepareSql({
  // The second part for those whom Newton writes without a domain.
  text: 'SELECT id FROM "user" WHERE domain_id = ? UNION SELECT user_id FROM local_user WHERE domain_id = ?',
  columns: { id: 'text' },
});

export class SqlUsers implements UserDriver {
  private readonly byId: PreparedSql<UserResult>;
  private readonly byName: PreparedSql<UserResult>;
  private readonly byIds: PreparedSql<UserResult>;
  private readonly summary: PreparedSql<SummaryResult>;
  private readonly summariesOf: PreparedSql<SummaryResult>;

  constructor(
    private readonly database: Database,
    private readonly activity: Activity,
    private readonly passwords: SqlPasswords,
    private readonly lists: SqlUserLists,
    hidesShadows: boolean,
  ) {
    const shown = hidesShadows ? 'n.user_id IS NULL AND' : '';
    const columns = (name: string, domain: string): string => `u.id, ${name} AS name, ${domain} AS domain_id,
      ${activity.enabled} AS enabled, u.default_project_id, u.extra, p.expires_at, p.expires_at_int`;
    const ofAny = columns(NAME_OF_ANY_USER, DOMAIN_OF_ANY_USER);
    this.byId = prepareSql({
      text: `SELECT ${ofAny} FROM ${ANY_USER} LEFT JOIN ${CURRENT_PASSWORD} WHERE ${shown} u.id = ?`,
      columns: USER_COLUMNS,
    });
    this.byIds = prepareSql({
      text: `SELECT ${ofAny} FROM ${ANY_USER} LEFT JOIN ${CURRENT_PASSWORD}
        WHERE ${shown} u.id IN (??)`,
      columns: USER_COLUMNS,
    });
    this.byName = prepareSql({
      text: `SELECT ${columns('l.name', domainOf('l.domain_id'))} FROM local_user l JOIN "user" u ON u.id = l.user_id
        LEFT JOIN ${CURRENT_PASSWORD} WHERE l.domain_id = ? AND l.name = ?`,
      columns: USER_COLUMNS,
    });
    const summary = `SELECT u.id, ${NAME_OF_ANY_USER} AS name, ${activity.enabled} AS enabled,
        ${DOMAIN_OF_ANY_USER} AS domain_id FROM ${ANY_USER} WHERE ${shown} u.id`;
    this.summary = prepareSql({ text: `${summary} = ?`, columns: SUMMARY_COLUMNS });
    this.summariesOf = prepareSql({ text: `${summary} IN (??)`, columns: SUMMARY_COLUMNS });
  }

  async create(user: NewUser, password?: PreparedPassword): Promise<User> {
    const now = Date.now();
    await storeNamed(this.database, 'user', user, async () => {
      await this.database.table('user').insert({
        id: user.id,
        domain_id: user.domain_id,
        enabled: user.enabled,
        default_project_id: user.default_project_id ?? null,
        extra: extraOf(user),
        created_at: new Date(now),
        last_active_at: user.enabled && this.activity.mostDays !== null ? day(now) : null,
      });
      await this.database
        .table('local_user')
        .insert({ user_id: user.id, domain_id: user.domain_id, name: user.name });
      if (password !== undefined) await this.passwords.store(user.id, password, false);
    });
    return this.get(user.id);
  }

  async get(id: string): Promise<User> {
    const [row] = await this.database.query(this.byId, [...this.activity.parameters(), id]);
    if (row === undefined) throw new UserNotFound({ user_id: id });
    return toUser(row);
  }

  async getByName(name: string, domainId: string): Promise<User> {
    const [row] = await this.database.query(this.byName, [...this.activity.parameters(), domainId, name]);
    if (row === undefined) throw new UserNotFound({ user_id: name });
    return toUser(row);
  }

  list(hints: Hints): Promise<User[]> {
    return this.lists.list(hints, null);
  }

  async listFromIds(ids: readonly string[]): Promise<User[]> {
    const rows = await this.database.query(this.byIds, [...this.activity.parameters(), ids]);
    return rows.map(toUser);
  }

  async listIdsOfDomain(domainId: string): Promise<string[]> {
    return (await this.database.query(USERS_OF_DOMAIN, [domainId, domainId])).map(({ id }) => id);
  }

  async summaries(ids: readonly string[]): Promise<UserSummary[]> {
    const activity = this.activity.parameters();
    const [id] = ids;
    const rows =
      ids.length === 1 && id !== undefined
        ? await this.database.query(this.summary, [...activity, id])
        : await this.database.query(this.summariesOf, [...activity, ids]);
    return rows.map((row) => ({ ...row, name: row.name ?? '' }));
  }

  async update(id: string, changes: UserChanges, password?: PreparedPassword): Promise<User> {
    await storeNamed(this.database, 'user', changes, async () => {
      const user = await this.database.table('user').get(id);
      if (user === null) throw new UserNotFound({ user_id: id });
      const { default_project_id: defaultProject, domain_id: domainId, enabled, name } = changes;
      await this.database.table('user').update(
        { id },
        {
          extra: extraOf({ ...unpackExtra(user.extra), ...changes }),
          ...(enabled !== undefined && { enabled }),
          ...(enabled === true && this.activity.mostDays !== null && { last_active_at: day(Date.now()) }),
          ...(defaultProject !== undefined && { default_project_id: defaultProject }),
          ...(domainId !== undefined && { domain_id: domainId }),
        },
      );
      await this.rename(id, {
        ...(name !== undefined && { name }),
        ...(domainId !== undefined && { domain_id: domainId }),
      });
      // What an administrator enables or gives a new password is not locked any more.
      if (enabled === true || password !== undefined) await this.passwords.forgetFailures(id);
      if (password !== undefined) await this.setPassword(id, password);
    });
    return this.get(id);
  }

  async delete(id: string): Promise<void> {
    await this.database.transaction(async () => {
      await this.database.table('user_group_membership').delete({ user_id: id });
      await this.database.table('expiring_user_group_membership').delete({ user_id: id });
      const deleted = await this.database.table('user').delete({ id });
      if (deleted === 0) throw new UserNotFound({ user_id: id });
    });
  }

  /** Names lie in the table of the user's kind; the domain stands there again. */
  private async rename(id: string, changes: { name?: string; domain_id?: string }): Promise<void> {
    if (Object.keys(changes).length === 0) return;
    const local = await this.database.table('local_user').update({ user_id: id }, changes);
    if (local > 0) return;
    const nonlocal = await this.database.table('nonlocal_user').update({ user_id: id }, changes);
    if (nonlocal > 0 || changes.name === undefined) return;
    await this.database.table('federated_user').update({ user_id: id }, { display_name: changes.name });
  }

  private async setPassword(id: string, password: PreparedPassword): Promise<void> {
    try {
      await this.passwords.store(id, password, false);
    } catch (error) {
      if (!(error instanceof UserNotFound)) throw error;
      throw new ValidationError('The password of a user of another identity source cannot be set here', {
        cause: error,
      });
    }
  }
}

function extraOf(user: UserChanges): string {
  const { extra } = packExtra(
    Object.fromEntries(Object.entries(user).filter(([name]) => !NOT_EXTRA.includes(name))),
    COLUMNS,
  );
  return extra;
}
