/** Routes of OS-ENDPOINT-POLICY. */
import { extensionRel, type Relation } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import { EndpointPolicyController } from './controllers.js';
import type { EndpointPolicyManager } from './manager.js';

const EXTENSION = 'OS-ENDPOINT-POLICY';

function access(action: string): Access {
  return { kind: 'protected', target: `identity:${action}` };
}

export function endpointPolicyRoutes(manager: EndpointPolicyManager): readonly Route[] {
  const controller = new EndpointPolicyController(manager);
  const base = `/policies/{policy_id}/${EXTENSION}`;
  const associations = (path: string, target: string, rel: Relation): readonly Route[] => [
    {
      method: 'GET',
      path,
      access: access(`check_policy_association_for_${target}`),
      handler: controller.check,
      rel,
    },
    {
      method: 'PUT',
      path,
      access: access(`create_policy_association_for_${target}`),
      handler: controller.create,
    },
    {
      method: 'DELETE',
      path,
      access: access(`delete_policy_association_for_${target}`),
      handler: controller.delete,
    },
  ];

  return [
    {
      method: 'GET',
      path: `/endpoints/{endpoint_id}/${EXTENSION}/policy`,
      access: access('get_policy_for_endpoint'),
      handler: controller.getPolicy,
      rel: extensionRel(EXTENSION, 'endpoint_policy'),
    },
    {
      method: 'GET',
      path: `${base}/endpoints`,
      access: access('list_endpoints_for_policy'),
      handler: controller.listEndpoints,
      rel: extensionRel(EXTENSION, 'policy_endpoints'),
    },
    ...associations(
      `${base}/endpoints/{endpoint_id}`,
      'endpoint',
      extensionRel(EXTENSION, 'endpoint_policy_association'),
    ),
    ...associations(
      `${base}/services/{service_id}`,
      'service',
      extensionRel(EXTENSION, 'service_policy_association'),
    ),
    ...associations(
      `${base}/services/{service_id}/regions/{region_id}`,
      'region_and_service',
      extensionRel(EXTENSION, 'region_and_service_policy_association'),
    ),
  ];
}
