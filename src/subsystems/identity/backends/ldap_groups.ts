/** Groups in a directory, and who is in them. */
import {
  Conflict,
  ForbiddenAction,
  GroupNotFound,
  NotFound,
  UserNotFound,
  ValidationError,
} from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import {
  apiError,
  byRule,
  checkedAttribute,
  checkedDn,
  type Entry,
  equals,
  type Filter,
  type LdapDirectory,
  LdapError,
  LdapTree,
  NAMES_ONLY,
  RESULT,
  sameDn,
} from '../../../common/ldap/index.js';
import { getLogger } from '../../../common/log/index.js';
import type { GroupDriver } from '../driver.js';
import type { Group, GroupChanges, User } from '../types.js';
import { cutAtLimit, entryLimit, satisfyDomain } from './ldap_lists.js';
import type { LdapConf, Mapping } from './ldap_mapping.js';
import type { LdapUsers } from './ldap_users.js';
import { addValue, changesOf, newValues } from './ldap_values.js';

const log = getLogger('keystone.identity');

/** Active Directory: membership through other groups counts too (LDAP_MATCHING_RULE_IN_CHAIN). */
const IN_CHAIN = '1.2.840.113556.1.4.1941';

export class LdapGroups implements GroupDriver {
  private readonly tree: LdapTree;
  private readonly memberAttribute: string;
  private readonly dumbMember: string | null;

  constructor(
    private readonly directory: LdapDirectory,
    private readonly mapping: Mapping,
    private readonly users: LdapUsers,
    private readonly options: LdapConf,
    private readonly domainId: string,
  ) {
    this.tree = new LdapTree(directory, mapping.tree);
    this.memberAttribute = checkedAttribute(
      'group_member_attribute',
      options.group_member_attribute || 'member',
    );
    this.dumbMember = options.use_dumb_member ? checkedDn('dumb_member', options.dumb_member) : null;
  }

  async create(group: Group): Promise<Group> {
    this.assertAllowed('create');
    const taken = (details: string): Error => new Conflict({ type: 'group', details });
    if ((await this.tree.findBy('name', group.name)) !== null) throw taken(`Duplicate name, ${group.name}.`);
    if ((await this.tree.find(group.id)) !== null) throw taken(`Duplicate ID, ${group.id}.`);
    const values = newValues(this.mapping, group, [this.memberAttribute]);
    addValue(values, this.mapping.tree.idAttribute, group.id);
    if (this.dumbMember !== null) addValue(values, this.memberAttribute, this.dumbMember);
    await this.tree.add(this.tree.newDn(group.id), values);
    return this.get(group.id);
  }

  async get(id: string): Promise<Group> {
    return this.toGroup(await this.entry(id));
  }

  async getByName(name: string, domainId: string): Promise<Group> {
    const entry = domainId === this.domainId ? await this.tree.findBy('name', name) : null;
    if (entry === null) throw new GroupNotFound({ group_id: name });
    return this.toGroup(entry);
  }

  list(hints: Hints): Promise<Group[]> {
    return this.listMatching(hints, []);
  }

  async listFromIds(ids: readonly string[]): Promise<Group[]> {
    return (await this.tree.findMany(ids)).map((entry) => this.toGroup(entry));
  }

  async listIdsOfDomain(domainId: string): Promise<string[]> {
    return domainId === this.domainId ? this.idsMatching([]) : [];
  }

  async update(id: string, changes: GroupChanges): Promise<Group> {
    this.assertAllowed('update');
    const entry = await this.entry(id);
    if (changes.name !== undefined && changes.name !== this.tree.value(entry, 'name')) {
      throw new ValidationError('Cannot change group name');
    }
    if (changes.domain_id !== undefined && changes.domain_id !== this.domainId) {
      throw new ValidationError('A group of a directory cannot be moved to another domain');
    }
    const first = (attribute: string): string | undefined => entry.texts(attribute)[0];
    await this.tree.modify(entry.dn, changesOf(this.mapping, changes, first, [this.memberAttribute]));
    return this.get(id);
  }

  async delete(id: string): Promise<void> {
    this.assertAllowed('delete');
    const { dn } = await this.entry(id);
    const withTree = this.options.allow_subtree_delete;
    if (!withTree) await this.tree.deleteBeneath(dn);
    await this.tree.delete(dn, withTree);
  }

  async addUser(userId: string, groupId: string): Promise<void> {
    const { user, group } = await this.both(userId, groupId);
    try {
      await this.change('add', group, this.memberValue(user));
    } catch (error) {
      if (!isResult(error, RESULT.attributeOrValueExists)) throw apiError(error, 'LDAP group update');
      throw new Conflict(`User ${userId} is already a member of group ${groupId}`, { cause: error });
    }
  }

  async removeUser(userId: string, groupId: string): Promise<void> {
    const { user, group } = await this.both(userId, groupId);
    try {
      await this.change('delete', group, this.memberValue(user));
    } catch (error) {
      if (isResult(error, RESULT.noSuchAttribute)) throw this.notMember(userId, groupId);
      throw this.lastMember(error, group);
    }
  }

  async checkUser(userId: string, groupId: string): Promise<void> {
    const { user, group } = await this.both(userId, groupId);
    const isMember = await this.tree.asked('search', () =>
      this.directory.get(group.dn, NAMES_ONLY, this.membershipOf(user)),
    );
    if (isMember === null) throw this.notMember(userId, groupId);
  }

  async listUsers(groupId: string, hints: Hints): Promise<User[]> {
    const group = await this.entry(groupId);
    return this.users.listFrom(hints, (terms) => this.membersOf(group, terms));
  }

  async listUserIds(groupId: string): Promise<string[]> {
    const group = await this.tree.find(groupId);
    if (group === null) return [];
    const ids: string[] = [];
    for await (const entry of this.membersOf(group, [])) ids.push(this.users.idOf(entry));
    return ids;
  }

  async listOfUser(userId: string, hints: Hints): Promise<Group[]> {
    return this.listMatching(hints, [this.membershipOf(await this.users.entry(userId))]);
  }

  async listIdsOfUser(userId: string): Promise<string[]> {
    const user = await this.users.entryOrNull(userId);
    return user === null ? [] : this.idsMatching([this.membershipOf(user)]);
  }

  /** Take a user who is about to go out of all groups, also of those that `group_filter` leaves out. */
  async removeEverywhere(user: Entry): Promise<void> {
    const { base, scope, objectClass } = this.mapping.tree;
    const value = this.memberValue(user);
    const filter: Filter = {
      kind: 'and',
      of: [equals('objectClass', objectClass), equals(this.memberAttribute, value)],
    };
    const groups = await this.tree.asked('search', () => this.directory.searchAll({ base, scope, filter }));
    for (const group of groups) {
      try {
        await this.change('delete', group, value);
      } catch (error) {
        if (!isResult(error, RESULT.noSuchAttribute)) throw this.lastMember(error, group);
        log.warn(`User ${user.dn} was not removed from group ${group.dn}: it is in it no more`);
      }
    }
  }

  private async entry(id: string): Promise<Entry> {
    const entry = await this.tree.find(id);
    if (entry === null) throw new GroupNotFound({ group_id: id });
    return entry;
  }

  private async both(userId: string, groupId: string): Promise<{ user: Entry; group: Entry }> {
    const user = await this.users.entryOrNull(userId);
    if (user === null) throw new UserNotFound({ user_id: userId });
    return { user, group: await this.entry(groupId) };
  }

  /** Entries of the users in a group; members that are no users, or are gone, are left out. */
  private async *membersOf(group: Entry, terms: readonly Filter[]): AsyncGenerator<Entry, void, undefined> {
    if (this.options.group_ad_nesting) {
      yield* this.users.tree.search([byRule('memberOf', IN_CHAIN, group.dn), ...terms]);
      return;
    }
    const members = await this.tree.asked('search', () =>
      this.directory.values(group.dn, this.memberAttribute),
    );
    const real = (members ?? []).filter((member) => !this.isDumb(member));
    if (this.options.group_members_are_ids) yield* await this.users.tree.findMany(real, terms);
    else yield* this.users.tree.findByDns(real, terms);
  }

  private isDumb(member: string): boolean {
    return this.dumbMember !== null && sameDn(member, this.dumbMember);
  }

  private memberValue(user: Entry): string {
    return this.options.group_members_are_ids ? this.users.idOf(user) : user.dn;
  }

  /** Groups that a user is in. */
  private membershipOf(user: Entry): Filter {
    // The rule works on `member` and nothing else.
    if (this.options.group_ad_nesting) return byRule('member', IN_CHAIN, user.dn);
    return equals(this.memberAttribute, this.memberValue(user));
  }

  private async listMatching(hints: Hints, own: readonly Filter[]): Promise<Group[]> {
    if (!satisfyDomain(hints, this.domainId)) return [];
    const terms = this.tree.terms(hints);
    const limit = entryLimit(hints);
    const entries: Entry[] = [];
    for await (const entry of this.tree.search([...own, ...terms], limit)) entries.push(entry);
    return cutAtLimit(entries, hints).map((entry) => this.toGroup(entry));
  }

  private async idsMatching(terms: readonly Filter[]): Promise<string[]> {
    const ids: string[] = [];
    for await (const entry of this.tree.search(terms)) ids.push(this.tree.idOf(entry) ?? '');
    return ids;
  }

  private async change(operation: 'add' | 'delete', group: Entry, value: string): Promise<void> {
    await this.directory.modify(group.dn, [{ operation, attribute: this.memberAttribute, values: [value] }]);
  }

  private toGroup(entry: Entry): Group {
    const group: Record<string, unknown> = {};
    for (const [name, attributes] of this.mapping.additional) {
      const value = attributes.flatMap((attribute) => entry.texts(attribute))[0];
      if (value !== undefined && !this.mapping.ignored.has(name)) group[name] = value;
    }
    return {
      ...group,
      id: this.tree.idOf(entry) ?? '',
      name: this.tree.value(entry, 'name') ?? '',
      domain_id: this.domainId,
      description: this.tree.value(entry, 'description') ?? '',
    };
  }

  private notMember(userId: string, groupId: string): Error {
    return new NotFound(`User '${userId}' not found in group '${groupId}'`);
  }

  /** Classes such as groupOfNames demand a member. */
  private lastMember(error: unknown, group: Entry): unknown {
    if (!isResult(error, RESULT.objectClassViolation)) return apiError(error, 'LDAP group update');
    return new ValidationError(
      `The directory does not allow the group ${this.tree.idOf(group) ?? group.dn} to lose its last member`,
      { cause: error },
    );
  }

  private assertAllowed(action: 'create' | 'update' | 'delete'): void {
    if (!this.options[`group_allow_${action}`]) throw new ForbiddenAction({ action: `LDAP group ${action}` });
  }
}

function isResult(error: unknown, code: number): boolean {
  return error instanceof LdapError && error.code === code;
}
