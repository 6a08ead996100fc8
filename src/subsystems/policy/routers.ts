/** Routes of policies. */
import { coreRel } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import { POLICY_FILTERS, PolicyController } from './controllers.js';
import type { PolicyManager } from './manager.js';
import { policyCreate, policyUpdate } from './schema.js';

function access(action: string): Access {
  return { kind: 'protected', target: `identity:${action}` };
}

export function policyRoutes(manager: PolicyManager): readonly Route[] {
  const policies = new PolicyController(manager);
  return [
    {
      method: 'POST',
      path: '/policies',
      access: access('create_policy'),
      schema: { member: 'policy', schema: policyCreate },
      handler: policies.create,
      rel: coreRel('policies'),
    },
    {
      method: 'GET',
      path: '/policies',
      access: { kind: 'filter', target: 'identity:list_policies', filters: POLICY_FILTERS },
      handler: policies.list,
    },
    {
      method: 'GET',
      path: '/policies/{policy_id}',
      access: access('get_policy'),
      handler: policies.get,
      rel: coreRel('policy'),
    },
    {
      method: 'PATCH',
      path: '/policies/{policy_id}',
      access: access('update_policy'),
      schema: { member: 'policy', schema: policyUpdate },
      handler: policies.update,
    },
    {
      method: 'DELETE',
      path: '/policies/{policy_id}',
      access: access('delete_policy'),
      handler: policies.delete,
    },
  ];
}
