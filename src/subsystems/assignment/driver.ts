/** What a store of role assignments can do. */
import type { Actor, EffectiveRole, Grant, GrantQuery, RoleScope, Target } from './types.js';

/** Whose assignments count: a user with the groups that the store itself knows, or just the given actors. */
export type Actors = { readonly userWithGroups: string } | { readonly ids: readonly string[] };

export interface AssignmentDriver {
  /** Nothing happens when the grant exists. */
  createGrant(grant: Grant): Promise<void>;
  /** @throws RoleAssignmentNotFound */
  checkGrant(grant: Grant): Promise<void>;
  /** @throws RoleAssignmentNotFound */
  deleteGrant(grant: Grant): Promise<void>;
  /** Ids of the roles granted to an actor on a target. */
  grantedRoleIds(actor: Actor, target: Target, inherited: boolean): Promise<string[]>;
  listGrants(query: GrantQuery): Promise<Grant[]>;
  /** Roles in effect, implied ones included, domain-specific ones too (`domain_id` tells). */
  effectiveRoles(actors: Actors, scope: RoleScope): Promise<EffectiveRole[]>;
  /** Projects on which any role is in effect. */
  projectIds(actors: Actors): Promise<string[]>;
  domainIds(actors: Actors): Promise<string[]>;
  /** Delete everything that matches all given criteria (at least one); returns how many assignments went. */
  deleteAssignments(where: { roleId?: string; actorId?: string; targetId?: string }): Promise<number>;
}
