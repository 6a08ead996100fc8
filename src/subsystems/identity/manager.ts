/** Users and groups: the rules of the business. Source: Identity API v3, Users and Groups; Keystone 10.0.3. */
import { NotFound, Unauthorized, ValidationError } from '../../common/errors.js';
import type { Hints } from '../../common/hints.js';
import { limitList } from '../../common/http/list.js';
import type { Initiator } from '../../common/notifications/index.js';
import type { ManagerContext } from '../subsystem.js';
import { EntityAttributes } from './attributes.js';
import type { Directories, EntityPlace, Populated } from './domains/directories.js';
import type { IdentityDriver, PasswordOwner, PreparedPassword } from './driver.js';
import { membersOf } from './members.js';
import { passwordRule } from './rules.js';
import type { Attributes, Group, User, UserSummary } from './types.js';

export class IdentityManager {
  private readonly assertPasswordAllowed: (password: unknown) => void;
  private readonly attributes: EntityAttributes;

  constructor(
    private readonly driver: IdentityDriver,
    private readonly context: ManagerContext,
    /** The same as the driver, when it is more than one. */
    private readonly directories: Directories | null = null,
  ) {
    this.assertPasswordAllowed = passwordRule(context.conf.security_compliance);
    this.attributes = new EntityAttributes(context);
  }

  /**
   * Check a user's password and that the account may be used.
   * @throws Unauthorized for an unknown user, a wrong password and a locked account alike; UserDisabled and
   *   PasswordExpired when the password is right
   */
  async authenticate(userId: string, password: string, initiator: Initiator | null): Promise<void> {
    const { notifications } = this.context;
    try {
      await this.driver.passwords.authenticate(userId, password);
    } catch (error) {
      await notifications.authenticate({ outcome: 'failure', userId, initiator });
      throw error;
    }
    await notifications.authenticate({ outcome: 'success', userId, initiator });
  }

  /** The work of refusing a password, for callers who find that there is no such user. */
  pretendToAuthenticate(password: string, domainId: string | null): Promise<void> {
    return this.driver.passwords.pretend(password, domainId ?? undefined);
  }

  /**
   * A user changes the own password; all tokens of the user stop working.
   * @throws Unauthorized as authenticate does; PasswordValidationError, PasswordAgeValidationError
   */
  async changePassword(
    userId: string,
    original: string,
    password: string,
    initiator: Initiator | null,
  ): Promise<void> {
    const { notifications } = this.context;
    await this.authenticate(userId, original, initiator);
    this.assertPasswordAllowed(password);
    const prepared = await this.driver.passwords.prepareOwn(userId, password);
    await this.change(
      { userId },
      () => this.driver.passwords.changeOwn(userId, prepared),
      async () => {
        await notifications.updated('user', userId, initiator);
        await this.invalidateTokens(userId);
      },
    );
  }

  /** @throws UserNotFound */
  getUser(id: string): Promise<User> {
    return this.driver.users.get(id);
  }

  /** @throws UserNotFound */
  getUserByName(name: string, domainId: string): Promise<User> {
    return this.driver.users.getByName(name, domainId);
  }

  /** Unknown ids are left out. */
  async listUsersFromIds(ids: readonly string[]): Promise<User[]> {
    if (this.driver.users.listFromIds !== undefined) return this.driver.users.listFromIds(ids);
    const users: User[] = [];
    for (const id of new Set(ids)) {
      const user = await this.findUser(id);
      if (user !== null) users.push(user);
    }
    return users;
  }

  /** The user, or null when there is none. */
  async findUser(id: string): Promise<User | null> {
    try {
      return await this.driver.users.get(id);
    } catch (error) {
      if (error instanceof NotFound) return null;
      throw error;
    }
  }

  /** What a token says of its user; null when there is none. */
  async userForToken(id: string): Promise<UserSummary | null> {
    return (await this.driver.users.summaries([id]))[0] ?? null;
  }

  /** Unknown ids are left out. */
  async usersByIds(ids: readonly string[]): Promise<ReadonlyMap<string, UserSummary>> {
    const users = ids.length === 0 ? [] : await this.driver.users.summaries([...new Set(ids)]);
    return new Map(users.map((user) => [user.id, user]));
  }

  /** @param domainScope domain of the caller, when drivers are chosen by domain */
  listUsers(hints: Hints, domainScope?: string): Promise<User[]> {
    this.prepareHints(hints, domainScope);
    return this.driver.users.list(hints);
  }

  /**
   * @param attributes `name` and `domain_id` are needed, `id` is ignored
   * @throws ValidationError, PasswordValidationError; DomainNotFound; Conflict when the name is taken in the domain
   */
  async createUser(attributes: Attributes, initiator: Initiator | null): Promise<User> {
    const { notifications } = this.context;
    const { password, ...own } = attributes;
    if (password !== undefined) this.assertPasswordAllowed(password);
    const user = await this.attributes.newUser(own);
    const prepared = await this.preparePassword(password, { domainId: user.domain_id });
    return this.change(
      { domainId: user.domain_id },
      () => this.driver.users.create(user, prepared),
      (created) => notifications.created('user', created.id, initiator),
    );
  }

  /**
   * Tokens of the user stop working when the password changes or the account is disabled.
   * @throws UserNotFound, ValidationError, PasswordValidationError, DomainNotFound, Conflict
   */
  async updateUser(id: string, attributes: Attributes, initiator: Initiator | null): Promise<User> {
    const { notifications } = this.context;
    const original = await this.driver.users.get(id);
    const { password, id: givenId, ...own } = attributes;
    if (givenId !== undefined && givenId !== id) throw new ValidationError('Cannot change user ID');
    if (password !== undefined) this.assertPasswordAllowed(password);
    const changes = await this.attributes.userChanges(original, own);
    const prepared = await this.preparePassword(password, { userId: id });
    return this.change(
      { userId: id },
      () => this.driver.users.update(id, changes, prepared),
      async () => {
        await notifications.updated('user', id, initiator);
        const disabled = changes.enabled === false && original.enabled;
        if (disabled || prepared !== undefined) await this.invalidateTokens(id);
      },
    );
  }

  /**
   * Delete a user; who keeps things for users (grants, credentials, trusts, …) listens and cleans up.
   * @throws UserNotFound
   */
  async deleteUser(id: string, initiator: Initiator | null): Promise<void> {
    await this.change(
      { userId: id },
      () => this.driver.users.delete(id),
      () => this.context.notifications.deleted('user', id, initiator),
    );
  }

  /** @throws Unauthorized when the user or the user's domain is disabled; UserNotFound */
  async assertUserEnabled(userId: string, user?: User): Promise<void> {
    const { enabled, domain_id: domainId } = user ?? (await this.driver.users.get(userId));
    const domain = await this.context.providers.resource.domainForToken(domainId);
    if (domain === null || !domain.enabled) throw new Unauthorized(`Domain is disabled: ${domainId}`);
    if (!enabled) throw new Unauthorized(`User is disabled: ${userId}`);
  }

  /** @throws GroupNotFound */
  getGroup(id: string): Promise<Group> {
    return this.driver.groups.get(id);
  }

  /** @throws GroupNotFound */
  getGroupByName(name: string, domainId: string): Promise<Group> {
    return this.driver.groups.getByName(name, domainId);
  }

  /** Unknown ids are left out. */
  async groupsByIds(ids: readonly string[]): Promise<ReadonlyMap<string, Group>> {
    const groups = ids.length === 0 ? [] : await this.driver.groups.listFromIds(ids);
    return new Map(groups.map((group) => [group.id, group]));
  }

  /** @param domainScope domain of the caller, when drivers are chosen by domain */
  listGroups(hints: Hints, domainScope?: string): Promise<Group[]> {
    this.prepareHints(hints, domainScope);
    return this.driver.groups.list(hints);
  }

  /**
   * @param attributes `name` and `domain_id` are needed, `id` is ignored
   * @throws ValidationError, DomainNotFound, Conflict
   */
  async createGroup(attributes: Attributes, initiator: Initiator | null): Promise<Group> {
    const { notifications } = this.context;
    const group = await this.attributes.newGroup(attributes);
    return this.change(
      { domainId: group.domain_id },
      () => this.driver.groups.create(group),
      (created) => notifications.created('group', created.id, initiator),
    );
  }

  /** @throws GroupNotFound, ValidationError, DomainNotFound, Conflict */
  async updateGroup(id: string, attributes: Attributes, initiator: Initiator | null): Promise<Group> {
    const { id: _id, ...own } = attributes;
    const original = await this.driver.groups.get(id);
    const changes = await this.attributes.groupChanges(original, own);
    return this.change(
      { groupId: id },
      () => this.driver.groups.update(id, changes),
      () => this.context.notifications.updated('group', id, initiator),
    );
  }

  /** Delete a group; tokens of its members stop working, because roles may have come from it. @throws GroupNotFound */
  async deleteGroup(id: string, initiator: Initiator | null): Promise<void> {
    const { notifications, providers } = this.context;
    await this.change(
      { groupId: id },
      async () => {
        const members = await this.driver.groups.listUserIds(id);
        await this.driver.groups.delete(id);
        return members;
      },
      async (members) => {
        await notifications.deleted('group', id, initiator);
        await providers.revoke.revokeMany(members.map((userId) => ({ userId })));
      },
    );
  }

  /** @throws UserNotFound, GroupNotFound */
  async addUserToGroup(userId: string, groupId: string, initiator: Initiator | null): Promise<void> {
    const actor = { id: userId, type: 'user', operation: 'added' } as const;
    await this.change(
      { groupId },
      () => this.driver.groups.addUser(userId, groupId),
      () => this.context.notifications.updated('group', groupId, initiator, actor),
    );
  }

  /** Tokens of the user stop working. @throws NotFound when not a member; UserNotFound, GroupNotFound */
  async removeUserFromGroup(userId: string, groupId: string, initiator: Initiator | null): Promise<void> {
    const actor = { id: userId, type: 'user', operation: 'removed' } as const;
    await this.change(
      { groupId },
      () => this.driver.groups.removeUser(userId, groupId),
      async () => {
        await this.invalidateTokens(userId);
        await this.context.notifications.updated('group', groupId, initiator, actor);
      },
    );
  }

  /** @throws NotFound when not a member; UserNotFound, GroupNotFound */
  checkUserInGroup(userId: string, groupId: string): Promise<void> {
    return this.driver.groups.checkUser(userId, groupId);
  }

  /** @throws UserNotFound */
  listGroupsForUser(userId: string, hints: Hints): Promise<Group[]> {
    this.prepareHints(hints);
    return this.driver.groups.listOfUser(userId, hints);
  }

  /** None for an unknown user. */
  listGroupIdsForUser(userId: string): Promise<string[]> {
    return this.driver.groups.listIdsOfUser(userId);
  }

  /** @throws GroupNotFound */
  listUsersInGroup(groupId: string, hints: Hints): Promise<User[]> {
    this.prepareHints(hints);
    return this.driver.groups.listUsers(groupId, hints);
  }

  /** None for an unknown group. */
  listUserIdsInGroup(groupId: string): Promise<string[]> {
    return this.driver.groups.listUserIds(groupId);
  }

  /** Members of many groups, by the ids of the groups; one without members, or unknown, may be missing. */
  listUserIdsInGroups(groupIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    return membersOf(this.driver.groups, groupIds);
  }

  /**
   * What goes with a domain: its groups, then its users, each with all that hangs on it. Those in a directory stay
   * there; only what is known of them here goes.
   */
  async deleteDomainUsersAndGroups(domainId: string): Promise<void> {
    await this.context.transaction(async () => {
      if (this.directories !== null) await this.forgetDirectoryOf(domainId, this.directories);
      for (const id of await this.driver.groups.listIdsOfDomain(domainId)) await this.deleteGroup(id, null);
      for (const id of await this.driver.users.listIdsOfDomain(domainId)) await this.deleteUser(id, null);
    });
  }

  /** Look at the configurations of domains again, where they lie in files. @throws MultipleSQLDriversInConfig */
  async reloadDomains(): Promise<void> {
    await this.directories?.reload();
  }

  /**
   * Make public ids for all users of a domain.
   * @param progress told how many have one
   * @returns null when the users of the domain need none
   * @throws DomainNotFound; UnexpectedError when the configuration of the domain cannot be used
   */
  async populateMappings(
    domainId: string,
    progress: (done: number, total: number) => void,
  ): Promise<Populated | null> {
    return (await this.directories?.populate(domainId, progress)) ?? null;
  }

  /** End what the driver keeps running. */
  close(): Promise<void> {
    return this.driver.close();
  }

  /**
   * Change something in the driver, and what follows from it in the database: as one where both are the same. A
   * directory may be slow to answer, and no rollback reaches it: it is changed before the transaction, once.
   */
  private async change<T>(
    place: EntityPlace,
    write: () => Promise<T>,
    follow: (result: T) => Promise<void>,
  ): Promise<T> {
    if ((await this.directories?.isOutside(place)) === true) {
      const result = await write();
      await this.context.transaction(() => follow(result));
      return result;
    }
    return this.context.transaction(async () => {
      const result = await write();
      await follow(result);
      return result;
    });
  }

  private async forgetDirectoryOf(domainId: string, directories: Directories): Promise<void> {
    const known = await directories.known(domainId);
    for (const id of known.groups) await this.context.notifications.deleted('group', id, null);
    for (const id of known.users) await this.context.notifications.deleted('user', id, null);
    await directories.forget(domainId, known);
  }

  private prepareHints(hints: Hints, domainScope?: string): void {
    const { conf } = this.context;
    // Of several drivers each has a limit of its own.
    if (this.directories === null) limitList(hints, conf.identity.list_limit, conf.DEFAULT.list_limit);
    if (domainScope !== undefined && hints.exact('domain_id') === undefined) {
      hints.addFilter('domain_id', domainScope);
    }
  }

  /** Hashing is slow: it is done before a transaction begins. */
  private async preparePassword(
    password: unknown,
    owner: PasswordOwner,
  ): Promise<PreparedPassword | undefined> {
    if (password === undefined) return undefined;
    if (password !== null && typeof password !== 'string') {
      throw new ValidationError({ attribute: 'string', target: 'password' });
    }
    return this.driver.passwords.prepare(password, owner);
  }

  private invalidateTokens(userId: string): Promise<void> {
    return this.context.notifications.internal('invalidate_user_tokens', userId);
  }
}
