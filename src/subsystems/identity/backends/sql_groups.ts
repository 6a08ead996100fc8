/** Groups and memberships in the tables `group` and `user_group_membership`. */
import { GroupNotFound, NotFound } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { packExtra, unpackExtra } from '../../../common/sql/extra.js';
import {
  type Database,
  DuplicateError,
  ForeignKeyError,
  type GroupRow,
  prepareSql,
  RetryableError,
} from '../../../common/sql/index.js';
import type { GroupDriver, UserDriver } from '../driver.js';
import type { Group, GroupChanges, User } from '../types.js';
import { storeNamed } from './sql_conflict.js';
import type { SqlUserLists } from './sql_user_lists.js';

const COLUMNS = ['id', 'name', 'domain_id', 'description'] as const;

const GROUP_IDS_OF_USER = prepareSql({
  text: 'SELECT group_id FROM user_group_membership WHERE user_id = ?',
  columns: { group_id: 'text' },
});
const USER_IDS_OF_GROUP = prepareSql({
  text: 'SELECT user_id FROM user_group_membership WHERE group_id = ?',
  columns: { user_id: 'text' },
});
const USER_IDS_OF_GROUPS = prepareSql({
  text: 'SELECT group_id, user_id FROM user_group_membership WHERE group_id IN (??)',
  columns: { group_id: 'text', user_id: 'text' },
});
const GROUPS_OF_DOMAIN = prepareSql({
  text: 'SELECT id FROM "group" WHERE domain_id = ?',
  columns: { id: 'text' },
});

export class SqlGroups implements GroupDriver {
  constructor(
    private readonly database: Database,
    private readonly users: Pick<UserDriver, 'get'>,
    private readonly userLists: SqlUserLists,
  ) {}

  async create(group: Group): Promise<Group> {
    const { id, name, domain_id, description } = group;
    const { extra } = packExtra(group, [...COLUMNS, 'extra']);
    await storeNamed(this.database, 'group', group, () =>
      this.database.table('group').insert({ id, name, domain_id, description, extra }),
    );
    return this.get(id);
  }

  async get(id: string): Promise<Group> {
    const row = await this.database.table('group').get(id);
    if (row === null) throw new GroupNotFound({ group_id: id });
    return fromRow(row);
  }

  async getByName(name: string, domainId: string): Promise<Group> {
    const row = await this.database.table('group').findOne({ name, domain_id: domainId });
    if (row === null) throw new GroupNotFound({ group_id: name });
    return fromRow(row);
  }

  async list(hints: Hints): Promise<Group[]> {
    return (await this.database.table('group').find({ hints })).map(fromRow);
  }

  async listFromIds(ids: readonly string[]): Promise<Group[]> {
    return (await this.database.table('group').find({ where: { id: [...new Set(ids)] } })).map(fromRow);
  }

  async listIdsOfDomain(domainId: string): Promise<string[]> {
    return (await this.database.query(GROUPS_OF_DOMAIN, [domainId])).map(({ id }) => id);
  }

  async update(id: string, changes: GroupChanges): Promise<Group> {
    await storeNamed(this.database, 'group', changes, async () => {
      const row = await this.database.table('group').get(id);
      if (row === null) throw new GroupNotFound({ group_id: id });
      const { name, domain_id, description } = changes;
      const { extra } = packExtra({ ...unpackExtra(row.extra), ...changes }, [...COLUMNS, 'extra']);
      await this.database.table('group').update(
        { id },
        {
          extra,
          ...(name !== undefined && { name }),
          ...(domain_id !== undefined && { domain_id }),
          ...(description !== undefined && { description }),
        },
      );
    });
    return this.get(id);
  }

  async delete(id: string): Promise<void> {
    await this.database.transaction(async () => {
      await this.database.table('user_group_membership').delete({ group_id: id });
      await this.database.table('expiring_user_group_membership').delete({ group_id: id });
      const deleted = await this.database.table('group').delete({ id });
      if (deleted === 0) throw new GroupNotFound({ group_id: id });
    });
  }

  async addUser(userId: string, groupId: string): Promise<void> {
    const membership = { user_id: userId, group_id: groupId };
    await this.database.transaction(async () => {
      await this.get(groupId);
      await this.users.get(userId);
      const table = this.database.table('user_group_membership');
      if ((await table.get(membership)) !== null) return;
      try {
        await table.insert(membership);
      } catch (error) {
        // Somebody else added the user, or deleted one of the two: the next attempt sees it.
        if (error instanceof DuplicateError || error instanceof ForeignKeyError) {
          throw new RetryableError('a membership changed meanwhile', { cause: error });
        }
        throw error;
      }
    });
  }

  async removeUser(userId: string, groupId: string): Promise<void> {
    const membership = { user_id: userId, group_id: groupId };
    const removed = await this.database.table('user_group_membership').delete(membership);
    if (removed === 0) await this.refuse(userId, groupId);
  }

  async checkUser(userId: string, groupId: string): Promise<void> {
    const membership = { user_id: userId, group_id: groupId };
    if ((await this.database.table('user_group_membership').get(membership)) === null) {
      await this.refuse(userId, groupId);
    }
  }

  async listUsers(groupId: string, hints: Hints): Promise<User[]> {
    await this.get(groupId);
    return this.userLists.list(hints, groupId);
  }

  async listUserIds(groupId: string): Promise<string[]> {
    return (await this.database.query(USER_IDS_OF_GROUP, [groupId])).map(({ user_id: id }) => id);
  }

  async listUserIdsOf(groupIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const members = new Map<string, string[]>();
    for (const row of await this.database.query(USER_IDS_OF_GROUPS, [groupIds])) {
      const users = members.get(row.group_id);
      if (users === undefined) members.set(row.group_id, [row.user_id]);
      else users.push(row.user_id);
    }
    return members;
  }

  async listOfUser(userId: string, hints: Hints): Promise<Group[]> {
    await this.users.get(userId);
    const ids = await this.listIdsOfUser(userId);
    return (await this.database.table('group').find({ where: { id: ids }, hints })).map(fromRow);
  }

  async listIdsOfUser(userId: string): Promise<string[]> {
    return (await this.database.query(GROUP_IDS_OF_USER, [userId])).map(({ group_id: id }) => id);
  }

  /** Says which of the two does not exist, or that the user is no member. */
  private async refuse(userId: string, groupId: string): Promise<never> {
    await this.get(groupId);
    await this.users.get(userId);
    throw new NotFound(`User '${userId}' not found in group '${groupId}'`);
  }
}

function fromRow(row: GroupRow): Group {
  return {
    ...unpackExtra(row.extra),
    id: row.id,
    name: row.name,
    domain_id: row.domain_id,
    description: row.description,
  };
}
