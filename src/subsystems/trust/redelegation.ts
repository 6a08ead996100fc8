/** What a trust that is made from another trust must keep to. Source: Identity API v3, OS-TRUST; Keystone 10.0.3. */
import { Forbidden } from '../../common/errors.js';
import type { Trust } from './types.js';

type Redelegated = Pick<Trust, 'remaining_uses' | 'expires_at' | 'roleIds' | 'impersonation' | 'project_id'>;

/**
 * @param maxCount `[trust] max_redelegation_count`
 * @throws Forbidden when the child grants more than its parent, or the parent must not be passed on
 */
export function assertWithinParent(parent: Trust, child: Redelegated, maxCount: number): void {
  const depth = parent.redelegation_count ?? 0;
  if (depth <= 0 || depth > maxCount) {
    throw new Forbidden(`Remaining redelegation depth of ${depth} out of allowed range of [0..${maxCount}]`);
  }
  if (child.remaining_uses !== null) {
    throw new Forbidden('remaining_uses must not be set in order to redelegate a trust');
  }
  if (parent.expires_at !== null && (child.expires_at === null || child.expires_at > parent.expires_at)) {
    throw new Forbidden('Requested expiration time is more than redelegated trust can provide');
  }
  if (child.project_id !== parent.project_id) {
    throw new Forbidden('A trust can be redelegated for its own project only');
  }
  const granted = new Set(parent.roleIds);
  if (!child.roleIds.every((id) => granted.has(id))) {
    throw new Forbidden('Some of requested roles are not in redelegated trust');
  }
  if (child.impersonation && !parent.impersonation) {
    throw new Forbidden(
      'Impersonation is not allowed because redelegated trust does not specify impersonation',
    );
  }
}
