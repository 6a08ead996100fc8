/** Routes of roles on tenants of API v2.0, on the admin stack. */
import type { Access, Route } from '../../common/http/types.js';
import type { V2Context } from '../v2.js';
import { V2RoleAssignmentController } from './v2_controllers.js';

const ON_TENANT = '/tenants/{tenant_id}/users/{user_id}/roles';
const WITHOUT_TENANT = '/users/{user_id}/roles';
const REFS = '/users/{user_id}/roleRefs';

export function v2RoleAssignmentRoutes(context: V2Context): readonly Route[] {
  const roles = new V2RoleAssignmentController(context);
  const access: Access = { kind: 'v2_admin' };
  return [
    { method: 'GET', path: '/tenants/{tenant_id}/users', access, handler: roles.listUsers },
    { method: 'GET', path: ON_TENANT, access, handler: roles.listRoles },
    { method: 'PUT', path: `${ON_TENANT}/OS-KSADM/{role_id}`, access, handler: roles.addRole },
    { method: 'DELETE', path: `${ON_TENANT}/OS-KSADM/{role_id}`, access, handler: roles.removeRole },
    { method: 'GET', path: WITHOUT_TENANT, access, handler: roles.withoutTenant },
    { method: 'PUT', path: `${WITHOUT_TENANT}/OS-KSADM/{role_id}`, access, handler: roles.withoutTenant },
    { method: 'DELETE', path: `${WITHOUT_TENANT}/OS-KSADM/{role_id}`, access, handler: roles.withoutTenant },
    { method: 'GET', path: REFS, access, handler: roles.listRefs },
    {
      method: 'POST',
      path: REFS,
      access,
      schema: { member: 'role', schema: { type: 'object' } },
      handler: roles.createRef,
    },
    { method: 'DELETE', path: `${REFS}/{role_ref_id}`, access, handler: roles.deleteRef },
  ];
}
