/** HTTP ↔ manager for the policies of endpoints. */
import { wrapMember } from '../../common/http/links.js';
import { noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import type { EndpointPolicyManager } from './manager.js';
import { presentPolicyEndpoints } from './presenter.js';
import type { PolicyTarget } from './types.js';

/** Path variables are there as far as the route has them. */
function targetOf({ params }: ApiRequest): PolicyTarget {
  const { endpoint_id: endpointId, service_id: serviceId, region_id: regionId } = params;
  if (endpointId !== undefined) return { endpointId };
  return { serviceId: serviceId as string, ...(regionId !== undefined && { regionId }) };
}

export class EndpointPolicyController {
  constructor(private readonly associations: EndpointPolicyManager) {}

  getPolicy = async ({ params, links }: ApiRequest): Promise<ApiResult> => {
    const policy = await this.associations.getPolicyForEndpoint(params['endpoint_id'] as string);
    return ok(wrapMember(links, 'policy', '/policies', policy));
  };

  listEndpoints = async ({ params, links }: ApiRequest): Promise<ApiResult> => {
    const endpoints = await this.associations.listEndpointsForPolicy(params['policy_id'] as string);
    return ok(presentPolicyEndpoints(links, endpoints));
  };

  create = async (request: ApiRequest): Promise<ApiResult> => {
    await this.associations.associate(request.params['policy_id'] as string, targetOf(request));
    return noContent();
  };

  check = async (request: ApiRequest): Promise<ApiResult> => {
    await this.associations.checkAssociation(request.params['policy_id'] as string, targetOf(request));
    return noContent();
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.associations.deleteAssociation(request.params['policy_id'] as string, targetOf(request));
    return noContent();
  };
}
