/** What a store of role assignments can do. The suite in `test/conformance/assignment.ts` holds every one to this. */
import type { ShapeOf } from '../../common/shape.js';
import type { Actor, Actors, EffectiveRole, Grant, GrantQuery, RoleScope, Target } from './types.js';

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
  /** Roles in effect, implied ones included, domain-specific ones too (`domain_id` tells); by name. */
  effectiveRoles(actors: Actors, scope: RoleScope): Promise<EffectiveRole[]>;
  /** Projects on which any role is in effect. */
  projectIds(actors: Actors): Promise<string[]>;
  domainIds(actors: Actors): Promise<string[]>;
  /** Projects beneath each of the given projects and domains, to any depth, by the id of the latter. */
  projectsBeneath(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Members of groups as the store itself knows them. */
  usersInGroups(groupIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Delete everything that matches all given criteria (at least one); returns how many assignments went. */
  deleteAssignments(where: { roleId?: string; actorId?: string; targetId?: string }): Promise<number>;
}

/** What is asked of drivers of packages. */
export const ASSIGNMENT_DRIVER_SHAPE: ShapeOf<AssignmentDriver> = {
  createGrant: 'method',
  checkGrant: 'method',
  deleteGrant: 'method',
  grantedRoleIds: 'method',
  listGrants: 'method',
  effectiveRoles: 'method',
  projectIds: 'method',
  domainIds: 'method',
  projectsBeneath: 'method',
  usersInGroups: 'method',
  deleteAssignments: 'method',
};
