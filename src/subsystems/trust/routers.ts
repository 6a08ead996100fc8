/** Routes of trusts. */
import { coreParam, extensionParam, extensionRel, type Relation } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import { TrustController } from './controllers.js';
import type { TrustManager } from './manager.js';
import { trustCreate } from './schema.js';

export function trustRoutes(manager: TrustManager): readonly Route[] {
  const trusts = new TrustController(manager);
  const protectedBy = (action: string): Access => ({ kind: 'protected', target: `identity:${action}` });
  const rel = (name: string): Relation =>
    extensionRel('OS-TRUST', name, {
      params: { trust_id: extensionParam('OS-TRUST', 'trust_id'), role_id: coreParam('role_id') },
    });
  const path = '/OS-TRUST/trusts';
  const member = `${path}/{trust_id}`;
  return [
    {
      method: 'POST',
      path,
      access: protectedBy('create_trust'),
      schema: { member: 'trust', schema: trustCreate },
      handler: trusts.create,
      rel: rel('trusts'),
    },
    { method: 'GET', path, access: protectedBy('list_trusts'), handler: trusts.list },
    {
      method: 'GET',
      path: member,
      access: { kind: 'authenticated', why: 'trustor and trustee see their trust, nobody else does' },
      handler: trusts.get,
      rel: rel('trust'),
    },
    { method: 'DELETE', path: member, access: protectedBy('delete_trust'), handler: trusts.delete },
    {
      method: 'GET',
      path: `${member}/roles`,
      access: protectedBy('list_roles_for_trust'),
      handler: trusts.listRoles,
      rel: rel('trust_roles'),
    },
    {
      method: 'GET',
      path: `${member}/roles/{role_id}`,
      access: protectedBy('get_role_for_trust'),
      handler: trusts.getRole,
      rel: rel('trust_role'),
    },
  ];
}
