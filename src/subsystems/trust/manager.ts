/** Trusts: the rules of the business. Source: Identity API v3, OS-TRUST; Keystone 10.0.3 behaviour. */
import { uuidHex } from '../../common/crypto/random_ids.js';
import {
  Forbidden,
  NotFound,
  RoleNotFound,
  TrustNotFound,
  TrustUseLimitReached,
  Unauthorized,
  ValidationError,
} from '../../common/errors.js';
import { Hints } from '../../common/hints.js';
import type { Initiator } from '../../common/notifications/index.js';
import type { Role } from '../role/types.js';
import type { ManagerContext } from '../subsystem.js';
import type { TrustDriver, TrustQuery } from './driver.js';
import { assertWithinParent } from './redelegation.js';
import type { NewTrust, RoleRef, Trust } from './types.js';

const TRUST = 'OS-TRUST:trust';

export class TrustManager {
  constructor(
    private readonly driver: TrustDriver,
    private readonly context: ManagerContext,
  ) {
    const { notifications } = context;
    notifications.on('user', 'deleted', async ({ id }) => {
      await this.deleteAll({ trustorUserId: id });
      await this.deleteAll({ trusteeUserId: id });
    });
    notifications.on('project', 'deleted', ({ id }) => this.deleteAll({ projectId: id }));
  }

  /**
   * Let the trustee act with roles of the trustor.
   * @param parentId trust by which the caller itself acts, when the new one is made from it
   * @throws Forbidden when it grants no role on its project, or more than a redelegation may; UserNotFound,
   *   ProjectNotFound, TrustNotFound; RoleNotFound for a role that does not exist, is not the only one of its name or
   *   is not the trustor's; ValidationError for uses and redelegation that do not go together; Conflict
   */
  async createTrust(request: NewTrust, parentId: string | null, initiator: Initiator | null): Promise<Trust> {
    const { providers, notifications } = this.context;
    const parent = parentId === null ? null : await this.getTrust(parentId);
    const { project_id: projectId, trustor_user_id: trustorId } = request;
    if (projectId !== null && request.roles.length === 0) {
      throw new Forbidden('At least one role should be specified.');
    }
    await providers.identity.getUser(request.trustee_user_id);
    const roleIds = await this.roleIds(request.roles);
    await this.assertTrustorHolds(trustorId, projectId, roleIds);
    const trust: Trust = {
      id: uuidHex(),
      trustor_user_id: trustorId,
      trustee_user_id: request.trustee_user_id,
      project_id: projectId,
      impersonation: request.impersonation,
      expires_at: request.expires_at ?? parent?.expires_at ?? null,
      deleted_at: null,
      remaining_uses: request.remaining_uses,
      redelegated_trust_id: parentId,
      redelegation_count: this.redelegationCount(request, parent),
      roleIds,
      extra: request.extra,
    };
    if (parent !== null) {
      for (const ancestor of await this.chain(parent)) this.assertWithin(ancestor, trust);
    }
    return this.context.transaction(async () => {
      await this.driver.createTrust(trust);
      await notifications.created(TRUST, trust.id, initiator);
      return trust;
    });
  }

  /**
   * A trust that can be used; one made from another only while all above it can be used too.
   * @throws TrustNotFound when it is unknown, deleted, expired or used up, Forbidden when the chain no longer holds
   */
  async getTrust(id: string): Promise<Trust> {
    const trust = await this.usable(id);
    if (trust.redelegated_trust_id === null) return trust;
    const { identity } = this.context.providers;
    let child = trust;
    for (const parent of (await this.chain(trust)).slice(1)) {
      this.assertWithin(parent, child);
      try {
        await identity.assertUserEnabled(parent.trustee_user_id);
      } catch (error) {
        if (!(error instanceof NotFound || error instanceof Unauthorized)) throw error;
        throw new Forbidden('One of the trust agents is disabled or deleted', { cause: error });
      }
      child = parent;
    }
    return trust;
  }

  /** Trusts that are not deleted, without their roles. */
  listTrusts(query: TrustQuery): Promise<Trust[]> {
    return this.driver.listTrusts(query);
  }

  /** The roles that a trust names, as far as they still exist. */
  rolesOf(trust: Trust): Promise<Role[]> {
    return this.context.providers.role.listRolesFromIds(trust.roleIds);
  }

  /** Delete a trust and all that were made from it; their tokens stop working. @throws TrustNotFound */
  async deleteTrust(id: string, initiator: Initiator | null): Promise<void> {
    await this.context.transaction(async () => {
      const trust = await this.driver.getTrust(id);
      if (trust === null) throw new TrustNotFound({ trust_id: id });
      await this.deleteWithDescendants(trust, initiator);
    });
  }

  /**
   * The global roles of a token of the trust: what the trust delegates, and what that implies, as far as the first
   * trustor of the chain still holds it.
   * @throws Forbidden when the trustor has lost a delegated role
   */
  async delegatedRoles(trust: Trust): Promise<Role[]> {
    if (trust.project_id === null) return [];
    // What is looked at is not of one moment: a rule that comes or goes meanwhile must not end a good trust.
    const roles =
      (await this.delegatedNow(trust, trust.project_id)) ??
      (await this.delegatedNow(trust, trust.project_id));
    if (roles === null) throw new Forbidden('Trustee has no delegated roles.');
    return roles.filter(({ domain_id: domainId }) => domainId === null);
  }

  /** All roles that the trust delegates; null when the first trustor does not hold them, or one is gone. */
  private async delegatedNow(trust: Trust, projectId: string): Promise<Role[] | null> {
    const { assignment, role } = this.context.providers;
    const first = (await this.chain(trust)).at(-1) as Trust;
    const held = await assignment.allEffectiveRoles(first.trustor_user_id, { projectId });
    const heldIds = new Set(held.map(({ id }) => id));
    const { infer_roles: infer } = this.context.conf.token;
    const delegated = infer ? await role.expandImplied(trust.roleIds) : trust.roleIds;
    if (delegated.length === 0 || delegated.some((id) => !heldIds.has(id))) return null;
    const roles = await role.listRolesFromIds(delegated);
    return roles.length < delegated.length ? null : roles;
  }

  /**
   * Do what one use of the trust pays for, and take the use. Of many that ask at once, no more get their result than
   * uses are left: the others' results are thrown away. A failure costs no use.
   *
   * The use is taken last, because a used-up trust makes no tokens; and not in one transaction with the issue, which
   * may wait for the next second and would keep the database from everybody else meanwhile.
   *
   * @throws TrustUseLimitReached when none is left
   */
  async consumeUse<T>(trustId: string, issue: () => Promise<T>): Promise<T> {
    const result = await issue();
    if (!(await this.driver.takeUse(trustId))) throw new TrustUseLimitReached({ trust_id: trustId });
    return result;
  }

  /** @throws TrustNotFound */
  private async usable(id: string): Promise<Trust> {
    const trust = await this.driver.getTrust(id);
    const isUsable =
      trust !== null &&
      (trust.expires_at === null || trust.expires_at >= Date.now()) &&
      (trust.remaining_uses === null || trust.remaining_uses > 0);
    if (!isUsable) throw new TrustNotFound({ trust_id: id });
    return trust;
  }

  /** The trust itself, the one that it was made from, and so on up to the first. @throws TrustNotFound */
  private async chain(trust: Trust): Promise<Trust[]> {
    const chain = [trust];
    const seen = new Set([trust.id]);
    for (let id = trust.redelegated_trust_id; id !== null; ) {
      // No way of the API leads to a circle: whatever made one, nothing can be said of such a trust.
      if (seen.has(id)) throw new TrustNotFound({ trust_id: trust.id });
      seen.add(id);
      const parent = await this.usable(id);
      chain.push(parent);
      id = parent.redelegated_trust_id;
    }
    return chain;
  }

  private assertWithin(parent: Trust, child: Trust): void {
    assertWithinParent(parent, child, this.context.conf.trust.max_redelegation_count);
  }

  /** @throws ValidationError, Forbidden */
  private redelegationCount(request: NewTrust, parent: Trust | null): number {
    const { redelegation_count: count } = request;
    if (!request.allow_redelegation || count === 0) return 0;
    const { max_redelegation_count: max } = this.context.conf.trust;
    if (count !== null && count > max) {
      throw new Forbidden(`Requested redelegation depth of ${count} is greater than allowed ${max}`);
    }
    if (request.remaining_uses !== null) {
      throw new ValidationError('remaining_uses must not be set if redelegation is allowed');
    }
    if (parent === null) return count ?? max;
    const remaining = (parent.redelegation_count ?? 0) - 1;
    if (count !== null && count !== remaining) {
      throw new Forbidden('Modifying "redelegation_count" upon redelegation is forbidden.');
    }
    return remaining;
  }

  /** Ids of roles given by id or by a name that only one role has; each once. @throws RoleNotFound */
  private async roleIds(roles: readonly RoleRef[]): Promise<string[]> {
    const ids = new Set<string>();
    for (const { id, name } of roles) {
      if (id !== undefined) {
        ids.add(id);
        continue;
      }
      const hints = new Hints().addFilter('name', name ?? '');
      const [role, ...more] = await this.context.providers.role.listRoles(hints);
      if (role === undefined || more.length > 0) throw new RoleNotFound(`role ${name} is not defined`);
      ids.add(role.id);
    }
    return [...ids];
  }

  /** @throws ProjectNotFound, RoleNotFound */
  private async assertTrustorHolds(
    trustorId: string,
    projectId: string | null,
    roleIds: readonly string[],
  ): Promise<void> {
    const { assignment, resource } = this.context.providers;
    const held = new Set<string>();
    if (projectId !== null) {
      await resource.getProject(projectId);
      for (const { id } of await assignment.allEffectiveRoles(trustorId, { projectId })) held.add(id);
    }
    const missing = roleIds.find((id) => !held.has(id));
    if (missing !== undefined) throw new RoleNotFound({ role_id: missing });
  }

  private async deleteAll(query: TrustQuery): Promise<void> {
    // A trust may have gone meanwhile, with the one that it was made from.
    for (const trust of await this.driver.listTrusts(query)) await this.deleteWithDescendants(trust, null);
  }

  private async deleteWithDescendants(trust: Trust, initiator: Initiator | null): Promise<void> {
    if (!(await this.driver.deleteTrust(trust.id))) return;
    for (const id of await this.driver.listRedelegatedIds(trust)) {
      const child = await this.driver.getTrust(id);
      if (child !== null) await this.deleteWithDescendants(child, null);
    }
    await this.context.notifications.deleted(TRUST, trust.id, initiator);
  }
}
