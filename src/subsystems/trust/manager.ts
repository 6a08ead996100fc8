/** Trusts: the rules of the business. Source: Identity API v3, OS-TRUST; Keystone 10.0.3 behaviour. */
import { Forbidden, TrustNotFound, TrustUseLimitReached } from '../../common/errors.js';
import type { Role } from '../role/types.js';
import type { ManagerContext } from '../subsystem.js';
import type { TrustDriver } from './driver.js';
import type { Trust } from './types.js';

export class TrustManager {
  constructor(
    private readonly driver: TrustDriver,
    private readonly context: ManagerContext,
  ) {}

  /** @throws TrustNotFound when it is unknown, deleted, expired or used up */
  async getTrust(id: string): Promise<Trust> {
    const trust = await this.driver.getTrust(id);
    const usable =
      trust !== null &&
      (trust.expires_at === null || trust.expires_at > Date.now()) &&
      (trust.remaining_uses === null || trust.remaining_uses > 0);
    if (!usable) throw new TrustNotFound({ trust_id: id });
    return trust;
  }

  /**
   * The global roles of a token of the trust: what the trust delegates, and what that implies, as far as the first
   * trustor of the chain still holds it.
   * @throws Forbidden when the trustor has lost a delegated role
   */
  async delegatedRoles(trust: Trust): Promise<Role[]> {
    const { assignment, role } = this.context.providers;
    if (trust.project_id === null) return [];
    const trustorId = (await this.root(trust)).trustor_user_id;
    const held = await assignment.allEffectiveRoles(trustorId, { projectId: trust.project_id });
    const heldIds = new Set(held.map(({ id }) => id));
    const delegated = await role.expandImplied(trust.roleIds);
    if (delegated.length === 0 || delegated.some((id) => !heldIds.has(id))) {
      throw new Forbidden('Trustee has no delegated roles.');
    }
    return (await role.listRolesFromIds(delegated)).filter(({ domain_id: domainId }) => domainId === null);
  }

  /**
   * Take one use and do what it pays for: both or neither. Of many that ask at once, no more succeed than uses are
   * left.
   * @throws TrustUseLimitReached when none is left
   */
  async consumeUse<T>(trustId: string, issue: () => Promise<T>): Promise<T> {
    return this.context.transaction(async () => {
      const result = await issue();
      if (!(await this.driver.takeUse(trustId))) throw new TrustUseLimitReached({ trust_id: trustId });
      return result;
    });
  }

  private async root(trust: Trust): Promise<Trust> {
    let current = trust;
    const seen = new Set([trust.id]);
    while (current.redelegated_trust_id !== null && !seen.has(current.redelegated_trust_id)) {
      seen.add(current.redelegated_trust_id);
      current = await this.getTrust(current.redelegated_trust_id);
    }
    return current;
  }
}
