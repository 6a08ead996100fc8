/** Users are enabled when they are members of a certain group: `user_enabled_emulation`. */
import {
  apiError,
  checkedAttribute,
  checkedDn,
  dnKey,
  equals,
  firstAva,
  type LdapDirectory,
  LdapError,
  RESULT,
  type Values,
} from '../../../common/ldap/index.js';
import type { LdapConf } from './ldap_mapping.js';

const ACTION = 'LDAP user update';

export class EnabledGroup {
  private readonly dn: string;
  private readonly key: string;
  private readonly memberAttribute: string;
  private readonly objectClass: string;
  private readonly dumbMember: string | null;

  constructor(
    private readonly directory: LdapDirectory,
    options: LdapConf,
  ) {
    const tree = options.user_tree_dn || `ou=Users,${options.suffix}`;
    this.dn = checkedDn(
      'user_enabled_emulation_dn',
      options.user_enabled_emulation_dn || `cn=enabled_users,${tree}`,
    );
    this.key = dnKey(this.dn);
    const byConfig = options.user_enabled_emulation_use_group_config;
    this.memberAttribute = byConfig
      ? checkedAttribute('group_member_attribute', options.group_member_attribute)
      : 'member';
    this.objectClass = byConfig ? options.group_objectclass : 'groupOfNames';
    this.dumbMember = options.use_dumb_member ? options.dumb_member : null;
  }

  /** Whether this is the group itself, which is no user. */
  isSelf(dn: string): boolean {
    return dn === this.dn || dnKey(dn) === this.key;
  }

  async has(dn: string): Promise<boolean> {
    const found = await this.asked(() =>
      this.directory.get(this.dn, ['1.1'], equals(this.memberAttribute, dn)),
    );
    return found !== null;
  }

  /** Keys (`dnKey`) of all members. */
  async members(): Promise<Set<string>> {
    const members = await this.asked(() => this.directory.values(this.dn, this.memberAttribute));
    return new Set((members ?? []).map(dnKey));
  }

  /** A group that does not exist yet is made. */
  async add(dn: string): Promise<void> {
    const change = { operation: 'add', attribute: this.memberAttribute, values: [dn] } as const;
    await this.asked(async () => {
      try {
        await this.directory.modify(this.dn, [change]);
      } catch (error) {
        if (!(error instanceof LdapError)) throw error;
        if (error.code === RESULT.attributeOrValueExists) return;
        if (error.code !== RESULT.noSuchObject) throw error;
        await this.create(dn);
      }
    });
  }

  async remove(dn: string): Promise<void> {
    const change = { operation: 'delete', attribute: this.memberAttribute, values: [dn] } as const;
    const gone = new Set<number>([RESULT.noSuchObject, RESULT.noSuchAttribute]);
    await this.asked(async () => {
      try {
        await this.directory.modify(this.dn, [change]);
      } catch (error) {
        if (!(error instanceof LdapError) || !gone.has(error.code)) throw error;
      }
    });
  }

  private create(member: string): Promise<void> {
    const naming = firstAva(this.dn);
    const members = this.dumbMember === null ? [member] : [member, this.dumbMember];
    const attributes = new Map<string, Values>([
      ['objectClass', [this.objectClass]],
      [this.memberAttribute, members],
    ]);
    if (naming !== null) attributes.set(naming.type, [naming.value]);
    return this.directory.add(this.dn, attributes);
  }

  private async asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw apiError(error, ACTION);
    }
  }
}
