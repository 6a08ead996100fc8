/** What a role backend can do. Suites in `test/conformance/role.ts` hold every backend to this. */
import type { Hints } from '../../common/hints.js';
import type { ShapeOf } from '../../common/shape.js';
import type { ImpliedRole, Role } from './types.js';

export interface RoleDriver {
  /** @throws Conflict when the name is taken in the domain */
  createRole(role: Role): Promise<Role>;
  /** Filters that the backend applied are marked satisfied in the hints. */
  listRoles(hints: Hints): Promise<Role[]>;
  listRolesFromIds(ids: readonly string[]): Promise<Role[]>;
  /** @throws RoleNotFound */
  getRole(id: string): Promise<Role>;
  /** @throws RoleNotFound, Conflict */
  updateRole(id: string, changes: Partial<Role>): Promise<Role>;
  /** @throws RoleNotFound */
  deleteRole(id: string): Promise<void>;

  /** @throws Conflict when the rule exists, RoleNotFound when a role does not */
  createImpliedRole(priorRoleId: string, impliedRoleId: string): Promise<ImpliedRole>;
  /** @throws ImpliedRoleNotFound */
  getImpliedRole(priorRoleId: string, impliedRoleId: string): Promise<ImpliedRole>;
  /** @throws ImpliedRoleNotFound */
  deleteImpliedRole(priorRoleId: string, impliedRoleId: string): Promise<void>;
  listImpliedRoles(priorRoleId: string): Promise<ImpliedRole[]>;
  listRoleInferenceRules(): Promise<ImpliedRole[]>;
}

/** What is asked of drivers of packages. */
export const ROLE_DRIVER_SHAPE: ShapeOf<RoleDriver> = {
  createRole: 'method',
  listRoles: 'method',
  listRolesFromIds: 'method',
  getRole: 'method',
  updateRole: 'method',
  deleteRole: 'method',
  createImpliedRole: 'method',
  getImpliedRole: 'method',
  deleteImpliedRole: 'method',
  listImpliedRoles: 'method',
  listRoleInferenceRules: 'method',
};
