/** Routes of tenants of API v2.0. */
import type { Access, Route } from '../../common/http/types.js';
import type { V2Context } from '../v2.js';
import { TenantController } from './v2_controllers.js';
import { tenantCreate, tenantUpdate } from './v2_schema.js';

/** On the public stack. */
export function v2OwnTenantRoutes(context: V2Context): readonly Route[] {
  const { listOwn } = new TenantController(context);
  const access: Access = { kind: 'authenticated', why: 'callers see their own tenants' };
  return [{ method: 'GET', path: '/tenants', access, handler: listOwn }];
}

/** On the admin stack. */
export function v2TenantRoutes(context: V2Context): readonly Route[] {
  const tenants = new TenantController(context);
  const access: Access = { kind: 'v2_admin' };
  const update = { schema: { member: 'tenant', schema: tenantUpdate }, access, handler: tenants.update };
  return [
    { method: 'GET', path: '/tenants', access, handler: tenants.list },
    { method: 'GET', path: '/tenants/{tenant_id}', access, handler: tenants.get },
    {
      method: 'POST',
      path: '/tenants',
      access,
      schema: { member: 'tenant', schema: tenantCreate },
      handler: tenants.create,
    },
    { method: 'PUT', path: '/tenants/{tenant_id}', ...update },
    { method: 'POST', path: '/tenants/{tenant_id}', ...update },
    { method: 'DELETE', path: '/tenants/{tenant_id}', access, handler: tenants.delete },
  ];
}
