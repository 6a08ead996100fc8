/** Routes of roles of API v2.0, on the admin stack. */
import type { Access, Route } from '../../common/http/types.js';
import type { V2Context } from '../v2.js';
import { V2RoleController } from './v2_controllers.js';
import { roleCreateV2 } from './v2_schema.js';

export function v2RoleRoutes(context: V2Context): readonly Route[] {
  const roles = new V2RoleController(context);
  const access: Access = { kind: 'v2_admin' };
  return [
    {
      method: 'POST',
      path: '/OS-KSADM/roles',
      access,
      schema: { member: 'role', schema: roleCreateV2 },
      handler: roles.create,
    },
    { method: 'GET', path: '/OS-KSADM/roles', access, handler: roles.list },
    { method: 'GET', path: '/OS-KSADM/roles/{role_id}', access, handler: roles.get },
    { method: 'DELETE', path: '/OS-KSADM/roles/{role_id}', access, handler: roles.delete },
  ];
}
