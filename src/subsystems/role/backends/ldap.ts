/** Roles in an LDAP directory: `[role] driver = ldap`. There are only global ones, and none implies another. */
import {
  Conflict,
  ForbiddenAction,
  ImpliedRoleNotFound,
  NotImplemented,
  RoleNotFound,
  ValidationError,
} from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { type Change, type Entry, LdapDirectory, LdapTree, roleTree } from '../../../common/ldap/index.js';
import type { Conf } from '../../../conf/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { RoleDriver } from '../driver.js';
import type { ImpliedRole, Role } from '../types.js';

const OWN = ['id', 'name', 'domain_id', 'description'];

export function createDriver({ conf, onClose }: DriverContext): RoleDriver {
  const directory = new LdapDirectory(conf.ldap);
  onClose?.(() => void directory.close());
  return new LdapRoleDriver(new LdapTree(directory, roleTree(conf.ldap)), conf.ldap);
}

class LdapRoleDriver implements RoleDriver {
  constructor(
    private readonly tree: LdapTree,
    private readonly options: Conf['ldap'],
  ) {}

  async createRole(role: Role): Promise<Role> {
    this.assertAllowed('create');
    this.assertStorable(role);
    await this.assertFree(role.name);
    if ((await this.tree.find(role.id)) !== null) throw taken(`Duplicate ID, ${role.id}.`);
    const values = new Map<string, string[]>([[this.options.role_id_attribute, [role.id]]]);
    const add = (attribute: string, value: string): void =>
      void values.set(attribute, [...(values.get(attribute) ?? []), value]);
    add(this.options.role_name_attribute, role.name);
    const { description } = role as Role & { description?: unknown };
    if (typeof description === 'string' && description !== '') add('description', description);
    await this.tree.add(this.tree.newDn(role.id), values);
    return this.getRole(role.id);
  }

  async listRoles(hints: Hints): Promise<Role[]> {
    const domain = hints.exact('domain_id');
    if (domain !== undefined) {
      domain.satisfied = true;
      if (domain.value !== null) return [];
    }
    const roles: Role[] = [];
    for await (const entry of this.tree.search(this.tree.terms(hints))) roles.push(this.toRole(entry));
    return roles.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async listRolesFromIds(ids: readonly string[]): Promise<Role[]> {
    return (await this.tree.findMany(ids)).map((entry) => this.toRole(entry));
  }

  async getRole(id: string): Promise<Role> {
    return this.toRole(await this.entry(id));
  }

  async updateRole(id: string, changes: Partial<Role>): Promise<Role> {
    this.assertAllowed('update');
    this.assertStorable(changes);
    const entry = await this.entry(id);
    const modifications: Change[] = [];
    const { name, description } = changes as Partial<Role> & { description?: unknown };
    if (name !== undefined && name !== this.tree.value(entry, 'name')) {
      await this.assertFree(name, id);
      modifications.push({
        operation: 'replace',
        attribute: this.options.role_name_attribute,
        values: [name],
      });
    }
    if (description !== undefined) {
      const values = typeof description === 'string' && description !== '' ? [description] : [];
      modifications.push({ operation: 'replace', attribute: 'description', values });
    }
    await this.tree.modify(entry.dn, modifications);
    return this.getRole(id);
  }

  async deleteRole(id: string): Promise<void> {
    this.assertAllowed('delete');
    await this.tree.delete((await this.entry(id)).dn, this.options.allow_subtree_delete);
  }

  createImpliedRole(): Promise<ImpliedRole> {
    return Promise.reject(new NotImplemented('Roles in a directory cannot imply others.'));
  }

  getImpliedRole(prior: string, implied: string): Promise<ImpliedRole> {
    return Promise.reject(new ImpliedRoleNotFound({ prior_role_id: prior, implied_role_id: implied }));
  }

  deleteImpliedRole(prior: string, implied: string): Promise<void> {
    return Promise.reject(new ImpliedRoleNotFound({ prior_role_id: prior, implied_role_id: implied }));
  }

  listImpliedRoles(): Promise<ImpliedRole[]> {
    return Promise.resolve([]);
  }

  listRoleInferenceRules(): Promise<ImpliedRole[]> {
    return Promise.resolve([]);
  }

  private async entry(id: string): Promise<Entry> {
    const entry = await this.tree.find(id);
    // Directories compare without regard to case: only the very id counts.
    if (entry === null || this.tree.idOf(entry) !== id) throw new RoleNotFound({ role_id: id });
    return entry;
  }

  private async assertFree(name: string, except?: string): Promise<void> {
    const known = await this.tree.findBy('name', name);
    if (known !== null && this.tree.idOf(known) !== except) throw taken(`Duplicate name, ${name}.`);
  }

  private assertAllowed(action: 'create' | 'update' | 'delete'): void {
    if (!this.options[`role_allow_${action}`]) throw new ForbiddenAction({ action: `LDAP role ${action}` });
  }

  /** @throws NotImplemented, ValidationError */
  private assertStorable(role: Partial<Role>): void {
    if (typeof role.domain_id === 'string') {
      throw new NotImplemented('A directory has no roles that belong to a domain.');
    }
    const other = Object.keys(role).find((name) => !OWN.includes(name));
    if (other !== undefined) {
      throw new ValidationError(`The directory has no attribute "${other}" of roles that can be set`);
    }
  }

  private toRole(entry: Entry): Role {
    const description = this.tree.value(entry, 'description');
    return {
      id: this.tree.idOf(entry) ?? '',
      name: this.tree.value(entry, 'name') ?? '',
      domain_id: null,
      ...(description !== undefined && { description }),
    };
  }
}

function taken(details: string): Error {
  return new Conflict({ type: 'role', details });
}
