/** Users in a directory. */
import { Conflict, ForbiddenAction, UserNotFound, ValidationError } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import {
  type Change,
  dnKey,
  type Entry,
  type Filter,
  type LdapDirectory,
  LdapTree,
} from '../../../common/ldap/index.js';
import type { PreparedPassword, UserDriver } from '../driver.js';
import type { NewUser, User, UserChanges, UserSummary } from '../types.js';
import { type EnabledRule, enabledRule } from './ldap_enabled.js';
import type { EnabledGroup } from './ldap_enabled_group.js';
import { cutAtLimit, entryLimit, satisfyDomain } from './ldap_lists.js';
import type { LdapConf, Mapping } from './ldap_mapping.js';
import { passwordValue } from './ldap_passwords.js';
import { addValue, changesOf, newValues } from './ldap_values.js';

export class LdapUsers implements UserDriver {
  readonly tree: LdapTree;
  private readonly rule: EnabledRule;
  private readonly ignoresEnabled: boolean;
  private readonly passwordAttribute: string | null;
  private beforeDelete: (user: Entry) => Promise<void> = () => Promise.resolve();

  constructor(
    directory: LdapDirectory,
    private readonly mapping: Mapping,
    private readonly enabledGroup: EnabledGroup | null,
    private readonly options: LdapConf,
    private readonly domainId: string,
  ) {
    this.tree = new LdapTree(directory, mapping.tree);
    this.rule = enabledRule(options);
    const isMapped = enabledGroup !== null || mapping.tree.attributes.has('enabled');
    this.ignoresEnabled = mapping.ignored.has('enabled') || !isMapped;
    this.passwordAttribute = mapping.ignored.has('password') ? null : options.user_pass_attribute || null;
  }

  /** What has to happen before the entry of a user goes. */
  onDelete(work: (user: Entry) => Promise<void>): void {
    this.beforeDelete = work;
  }

  async create(user: NewUser, password?: PreparedPassword): Promise<User> {
    this.assertAllowed('create');
    this.assertMayBe(user.enabled);
    await this.assertUnique(user);
    const dn = this.tree.newDn(user.id);
    const values = newValues(this.mapping, user, this.reserved());
    addValue(values, this.mapping.tree.idAttribute, user.id);
    if (this.writesEnabled) {
      addValue(values, this.options.user_enabled_attribute, this.rule.valueFor(user.enabled, undefined));
    }
    const attributes = new Map<string, readonly (string | Buffer)[]>(values);
    const secret = this.passwordChange(password);
    if (secret !== null && secret.values.length > 0) attributes.set(secret.attribute, secret.values);
    await this.tree.add(dn, attributes);
    if (this.usesGroup && user.enabled) await this.enableNew(dn);
    return this.get(user.id);
  }

  async get(id: string): Promise<User> {
    const [user] = await this.toUsers([await this.entry(id)]);
    return user as User;
  }

  /** @throws UserNotFound */
  async entry(id: string): Promise<Entry> {
    const entry = await this.tree.find(id);
    if (entry === null || this.isGroupItself(entry)) throw new UserNotFound({ user_id: id });
    return entry;
  }

  /** The entry of a user who may be missing. */
  async entryOrNull(id: string): Promise<Entry | null> {
    const entry = await this.tree.find(id);
    return entry === null || this.isGroupItself(entry) ? null : entry;
  }

  idOf(entry: Entry): string {
    return this.tree.idOf(entry) ?? '';
  }

  async getByName(name: string, domainId: string): Promise<User> {
    const entry = domainId === this.domainId ? await this.tree.findBy('name', name) : null;
    if (entry === null) throw new UserNotFound({ user_id: name });
    const [user] = await this.toUsers([entry]);
    return user as User;
  }

  list(hints: Hints): Promise<User[]> {
    return this.listFrom(hints, (terms, limit) => this.tree.search(terms, limit));
  }

  /** Users among what a search finds, with the filters and the limit of a caller. */
  async listFrom(
    hints: Hints,
    search: (terms: readonly Filter[], limit: number) => AsyncIterable<Entry>,
  ): Promise<User[]> {
    if (!satisfyDomain(hints, this.domainId)) return [];
    const terms = this.tree.terms(hints);
    const limit = entryLimit(hints);
    // One more for the group of the enabled users, which is no user.
    const found = search(terms, limit === 0 || !this.usesGroup ? limit : limit + 1);
    if (!this.usesGroup) {
      // Made as they come, so that of 100,000 entries only what is shown of them is kept.
      const users: User[] = [];
      for await (const entry of found) {
        if (users.length === limit && limit > 0) break;
        users.push(this.toUser(entry, this.isEnabledByRule(entry)));
      }
      return cutAtLimit(users, hints);
    }
    const entries: Entry[] = [];
    for await (const entry of found) {
      if (entries.length === limit && limit > 0) break;
      if (!this.isGroupItself(entry)) entries.push(entry);
    }
    return this.toUsers(cutAtLimit(entries, hints));
  }

  async listIdsOfDomain(domainId: string): Promise<string[]> {
    if (domainId !== this.domainId) return [];
    const ids: string[] = [];
    for await (const entry of this.tree.search()) {
      if (!this.isGroupItself(entry)) ids.push(this.idOf(entry));
    }
    return ids;
  }

  async listFromIds(ids: readonly string[]): Promise<User[]> {
    const entries = await this.tree.findMany(ids);
    return this.toUsers(entries.filter((entry) => !this.isGroupItself(entry)));
  }

  async summaries(ids: readonly string[]): Promise<UserSummary[]> {
    const users = await this.listFromIds(ids);
    return users.map(({ id, name, enabled, domain_id }) => ({ id, name, enabled, domain_id }));
  }

  async update(id: string, changes: UserChanges, password?: PreparedPassword): Promise<User> {
    this.assertAllowed('update');
    const entry = await this.entry(id);
    const { name, enabled } = changes;
    if (name !== undefined && name !== this.tree.value(entry, 'name')) {
      throw new Conflict('Cannot change user name');
    }
    if (changes.domain_id !== undefined && changes.domain_id !== this.domainId) {
      throw new ValidationError('A user of a directory cannot be moved to another domain');
    }
    if (enabled !== undefined) this.assertMayBe(enabled);
    const first = (attribute: string): string | undefined => entry.texts(attribute)[0];
    const list = changesOf(this.mapping, changes, first, this.reserved());
    if (enabled !== undefined && this.writesEnabled) {
      const attribute = this.options.user_enabled_attribute;
      const before = first(attribute);
      const value = this.rule.valueFor(enabled, before);
      if (this.rule.isEnabled(before) !== enabled)
        list.push({ operation: 'replace', attribute, values: [value] });
    }
    const secret = this.passwordChange(password);
    if (secret !== null) list.push(secret);
    await this.tree.modify(entry.dn, list);
    if (enabled !== undefined && this.usesGroup) {
      await (enabled ? this.enabledGroup?.add(entry.dn) : this.enabledGroup?.remove(entry.dn));
    }
    return this.get(id);
  }

  async delete(id: string): Promise<void> {
    this.assertAllowed('delete');
    const entry = await this.entry(id);
    await this.beforeDelete(entry);
    await this.enabledGroup?.remove(entry.dn);
    await this.tree.delete(entry.dn, this.options.allow_subtree_delete);
  }

  /** All or nothing, as far as directories can. */
  private async enableNew(dn: string): Promise<void> {
    try {
      await this.enabledGroup?.add(dn);
    } catch (error) {
      await this.tree.delete(dn, false);
      throw error;
    }
  }

  private get usesGroup(): boolean {
    return this.enabledGroup !== null && !this.ignoresEnabled;
  }

  private get writesEnabled(): boolean {
    return this.enabledGroup === null && !this.ignoresEnabled;
  }

  private isGroupItself(entry: Entry): boolean {
    return this.enabledGroup?.isSelf(entry.dn) ?? false;
  }

  private async toUsers(entries: readonly Entry[]): Promise<User[]> {
    const isEnabled = await this.enabledAmong(entries);
    return entries.map((entry) => this.toUser(entry, isEnabled(entry)));
  }

  /** Whether a user is enabled. */
  async isEnabled(entry: Entry): Promise<boolean> {
    return (await this.enabledAmong([entry]))(entry);
  }

  private isEnabledByRule(entry: Entry): boolean {
    return this.ignoresEnabled || this.rule.isEnabled(this.tree.value(entry, 'enabled'));
  }

  private async enabledAmong(entries: readonly Entry[]): Promise<(entry: Entry) => boolean> {
    const [first] = entries;
    if (!this.usesGroup || this.enabledGroup === null || first === undefined) {
      return (entry) => this.isEnabledByRule(entry);
    }
    if (entries.length === 1) {
      const enabled = await this.enabledGroup.has(first.dn);
      return () => enabled;
    }
    const members = await this.enabledGroup.members();
    return (entry) => members.has(dnKey(entry.dn));
  }

  private toUser(entry: Entry, enabled: boolean): User {
    const user: Record<string, unknown> = {};
    for (const [name, attributes] of this.mapping.additional) {
      const value = attributes.flatMap((attribute) => entry.texts(attribute))[0];
      if (value !== undefined && !this.mapping.ignored.has(name)) user[name] = value;
    }
    for (const name of ['description', 'email', 'default_project_id']) {
      const value = this.tree.value(entry, name);
      if (value !== undefined) user[name] = value;
    }
    return {
      ...user,
      id: this.idOf(entry),
      name: this.tree.value(entry, 'name') ?? '',
      domain_id: this.domainId,
      enabled,
      password_expires_at: null,
    };
  }

  private passwordChange(password: PreparedPassword | undefined): Change | null {
    if (password === undefined || this.passwordAttribute === null) return null;
    const attribute = this.passwordAttribute;
    return { operation: 'replace', attribute, values: passwordValue(attribute, password) };
  }

  /** Attributes that are not to be written under their own names. */
  private reserved(): string[] {
    const { user_pass_attribute, user_enabled_attribute, group_member_attribute } = this.options;
    return [user_pass_attribute, user_enabled_attribute, group_member_attribute, 'memberOf'];
  }

  private async assertUnique({ id, name }: NewUser): Promise<void> {
    const taken = (details: string): Error => new Conflict({ type: 'user', details });
    if ((await this.tree.findBy('name', name)) !== null) throw taken(`Duplicate name, ${name}.`);
    if ((await this.tree.find(id)) !== null) throw taken(`Duplicate ID, ${id}.`);
  }

  private assertAllowed(action: 'create' | 'update' | 'delete'): void {
    if (!this.options[`user_allow_${action}`]) throw new ForbiddenAction({ action: `LDAP user ${action}` });
  }

  /** Nobody can be disabled where the directory does not say who is. */
  private assertMayBe(enabled: boolean): void {
    if (enabled || !this.ignoresEnabled) return;
    throw new ForbiddenAction({
      action: "Disabling an entity where the 'enable' attribute is ignored by configuration.",
    });
  }
}
