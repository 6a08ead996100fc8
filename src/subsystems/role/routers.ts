/** Routes of roles and role inference. */
import { coreParam, coreRel } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import { ROLE_FILTERS, RoleController } from './controllers.js';
import type { RoleManager } from './manager.js';
import { roleCreate, roleUpdate } from './schema.js';

export function roleRoutes(manager: RoleManager): readonly Route[] {
  const roles = new RoleController(manager);
  const stored = (action: 'get' | 'update' | 'delete'): Access => ({
    kind: 'protected',
    target: {
      oneOf: [`identity:${action}_role`, `identity:${action}_domain_role`],
      choose: roles.byStoredRole(`identity:${action}_role`, `identity:${action}_domain_role`),
    },
    members: roles.target,
  });
  const implied = (action: string): Access => ({ kind: 'protected', target: `identity:${action}` });
  const inference = '/roles/{prior_role_id}/implies/{implied_role_id}';
  const roleId = coreParam('role_id');

  return [
    {
      method: 'POST',
      path: '/roles',
      access: {
        kind: 'protected',
        target: {
          oneOf: ['identity:create_role', 'identity:create_domain_role'],
          choose: roles.byBody('identity:create_role', 'identity:create_domain_role'),
        },
      },
      schema: { member: 'role', schema: roleCreate },
      handler: roles.create,
      rel: coreRel('roles'),
    },
    {
      method: 'GET',
      path: '/roles',
      access: {
        kind: 'filter',
        filters: ROLE_FILTERS,
        target: {
          oneOf: ['identity:list_roles', 'identity:list_domain_roles'],
          choose: roles.byQuery('identity:list_roles', 'identity:list_domain_roles'),
        },
      },
      handler: roles.list,
    },
    {
      method: 'GET',
      path: '/roles/{role_id}',
      access: stored('get'),
      handler: roles.get,
      rel: coreRel('role'),
    },
    {
      method: 'PATCH',
      path: '/roles/{role_id}',
      access: stored('update'),
      schema: { member: 'role', schema: roleUpdate },
      handler: roles.update,
    },
    { method: 'DELETE', path: '/roles/{role_id}', access: stored('delete'), handler: roles.delete },
    {
      method: 'GET',
      path: '/roles/{prior_role_id}/implies',
      access: implied('list_implied_roles'),
      handler: roles.listImplied,
      rel: coreRel('implied_roles', { status: 'experimental', params: { prior_role_id: roleId } }),
    },
    {
      method: 'GET',
      path: inference,
      access: implied('get_implied_role'),
      handler: roles.getImplied,
      rel: coreRel('implied_role', {
        status: 'experimental',
        params: { prior_role_id: roleId, implied_role_id: roleId },
      }),
    },
    { method: 'HEAD', path: inference, access: implied('check_implied_role'), handler: roles.checkImplied },
    { method: 'PUT', path: inference, access: implied('create_implied_role'), handler: roles.createImplied },
    {
      method: 'DELETE',
      path: inference,
      access: implied('delete_implied_role'),
      handler: roles.deleteImplied,
    },
    {
      method: 'GET',
      path: '/role_inferences',
      access: implied('list_role_inference_rules'),
      handler: roles.listInferences,
      rel: coreRel('role_inferences', { status: 'experimental' }),
    },
  ];
}
