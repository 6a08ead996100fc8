/** Roles and role inference: the rules of the business. Source: Identity API v3, Roles; Keystone 10.0.3 behaviour. */
import { randomUUID } from 'node:crypto';
import { InvalidImpliedRole, NotFound, ValidationError } from '../../common/errors.js';
import { Hints } from '../../common/hints.js';
import { limitList } from '../../common/http/list.js';
import type { Initiator } from '../../common/notifications/index.js';
import type { ManagerContext } from '../subsystem.js';
import type { RoleDriver } from './driver.js';
import type { ImpliedRole, Role } from './types.js';

export class RoleManager {
  constructor(
    private readonly driver: RoleDriver,
    private readonly context: ManagerContext,
  ) {
    context.notifications.on('domain', 'deleted', (event) => this.deleteRolesOfDomain(event.id));
  }

  /**
   * @param attributes `name` is needed, `id` is ignored
   * @throws Conflict when the name is taken in the domain; ValidationError for a domain that cannot be one
   */
  async createRole(
    attributes: Readonly<Record<string, unknown>>,
    initiator: Initiator | null,
  ): Promise<Role> {
    const { conf, notifications } = this.context;
    // The configured member role has a configured id, so that it is the same one wherever it is made.
    const isMemberRole = attributes['name'] === conf.DEFAULT.member_role_name;
    const id = isMemberRole ? conf.DEFAULT.member_role_id : randomUUID().replaceAll('-', '');
    return this.context.transaction(async () => {
      const role = await this.driver.createRole({
        ...attributes,
        id,
        name: String(attributes['name']),
        domain_id: domainOf(attributes['domain_id']),
      });
      await notifications.created('role', id, initiator);
      return role;
    });
  }

  /** @throws RoleNotFound */
  getRole(id: string): Promise<Role> {
    return this.driver.getRole(id);
  }

  /** The role, or null when there is none: for decisions made before policy has been asked. */
  async findRole(id: string): Promise<Role | null> {
    try {
      return await this.driver.getRole(id);
    } catch (error) {
      if (error instanceof NotFound) return null;
      throw error;
    }
  }

  async listRoles(hints: Hints): Promise<Role[]> {
    const { conf } = this.context;
    limitList(hints, conf.role.list_limit, conf.DEFAULT.list_limit);
    return this.driver.listRoles(hints);
  }

  listRolesFromIds(ids: readonly string[]): Promise<Role[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.driver.listRolesFromIds(ids);
  }

  /** @throws RoleNotFound, Conflict; ValidationError when the domain would change */
  async updateRole(
    id: string,
    changes: Readonly<Record<string, unknown>>,
    initiator: Initiator | null,
  ): Promise<Role> {
    return this.context.transaction(async () => {
      const original = await this.driver.getRole(id);
      if ('domain_id' in changes && changes['domain_id'] !== original.domain_id) {
        throw new ValidationError('Update of `domain_id` is not allowed.');
      }
      const role = await this.driver.updateRole(id, changes);
      await this.context.notifications.updated('role', id, initiator);
      return role;
    });
  }

  /**
   * Delete a role with everything granted by it; tokens that rely on it stop working.
   * @throws RoleNotFound
   */
  async deleteRole(id: string, initiator: Initiator | null): Promise<void> {
    const { providers, notifications } = this.context;
    await this.context.transaction(async () => {
      await this.driver.getRole(id);
      await providers.assignment.deleteRoleAssignments(id);
      await this.driver.deleteRole(id);
      await notifications.deleted('role', id, initiator);
    });
  }

  /** @throws RoleNotFound, Conflict; InvalidImpliedRole for prohibited, domain-specific or circular rules */
  async createImpliedRole(priorRoleId: string, impliedRoleId: string): Promise<ImpliedRole> {
    return this.context.transaction(async () => {
      const implied = await this.driver.getRole(impliedRoleId);
      const prior = await this.driver.getRole(priorRoleId);
      if (this.context.conf.assignment.prohibited_implied_role.includes(implied.name)) {
        throw new InvalidImpliedRole({ role_id: impliedRoleId });
      }
      if (prior.domain_id === null && implied.domain_id !== null) {
        throw new InvalidImpliedRole({ role_id: impliedRoleId });
      }
      if ((await this.closure([impliedRoleId])).has(priorRoleId)) {
        throw new InvalidImpliedRole({ role_id: impliedRoleId });
      }
      return this.driver.createImpliedRole(priorRoleId, impliedRoleId);
    });
  }

  /** @throws ImpliedRoleNotFound */
  getImpliedRole(priorRoleId: string, impliedRoleId: string): Promise<ImpliedRole> {
    return this.driver.getImpliedRole(priorRoleId, impliedRoleId);
  }

  /** @throws ImpliedRoleNotFound */
  deleteImpliedRole(priorRoleId: string, impliedRoleId: string): Promise<void> {
    return this.driver.deleteImpliedRole(priorRoleId, impliedRoleId);
  }

  listImpliedRoles(priorRoleId: string): Promise<ImpliedRole[]> {
    return this.driver.listImpliedRoles(priorRoleId);
  }

  listRoleInferenceRules(): Promise<ImpliedRole[]> {
    return this.driver.listRoleInferenceRules();
  }

  /** The roles and all that they imply, over any number of rules; each id once. */
  async expandImplied(roleIds: readonly string[]): Promise<string[]> {
    return [...(await this.closure(roleIds))];
  }

  /** All of them, whatever `list_limit` says. */
  private async deleteRolesOfDomain(domainId: string): Promise<void> {
    const roles = await this.driver.listRoles(new Hints().addFilter('domain_id', domainId));
    for (const { id } of roles) await this.deleteRole(id, null);
  }

  private async closure(roleIds: readonly string[]): Promise<Set<string>> {
    const next = new Map<string, string[]>();
    for (const rule of await this.driver.listRoleInferenceRules()) {
      next.set(rule.prior_role_id, [...(next.get(rule.prior_role_id) ?? []), rule.implied_role_id]);
    }
    const reached = new Set<string>();
    const pending = [...roleIds];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (reached.has(id)) continue;
      reached.add(id);
      pending.push(...(next.get(id) ?? []));
    }
    return reached;
  }
}

function domainOf(value: unknown): string | null {
  if (value === undefined || value === null || typeof value === 'string') return value ?? null;
  throw new ValidationError('The domain_id of a role is a text or null.');
}
