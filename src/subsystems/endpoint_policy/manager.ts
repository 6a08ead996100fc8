/**
 * Which policy goes for which endpoint: the rules of the business.
 * Source: OS-ENDPOINT-POLICY; Keystone 10.0.3 behaviour.
 */
import { NotFound } from '../../common/errors.js';
import { getLogger } from '../../common/log/index.js';
import type { Endpoint } from '../catalog/types.js';
import type { Policy } from '../policy/types.js';
import type { ManagerContext } from '../subsystem.js';
import type { EndpointPolicyDriver } from './driver.js';
import type { PolicyAssociation, PolicyTarget } from './types.js';

const log = getLogger('keystone.endpoint_policy');

export class EndpointPolicyManager {
  constructor(
    private readonly driver: EndpointPolicyDriver,
    private readonly context: ManagerContext,
  ) {
    for (const kind of ['policy', 'endpoint', 'service', 'region'] as const) {
      context.notifications.on(kind, 'deleted', ({ id }) => driver.deleteAssociationsOf(kind, id));
    }
  }

  /** @throws PolicyNotFound, EndpointNotFound, ServiceNotFound, RegionNotFound */
  async associate(policyId: string, target: PolicyTarget): Promise<void> {
    await this.requireAll(policyId, target);
    await this.context.transaction(() => this.driver.associate(policyId, target));
  }

  /** @throws PolicyAssociationNotFound, and as associate */
  async checkAssociation(policyId: string, target: PolicyTarget): Promise<void> {
    await this.requireAll(policyId, target);
    await this.driver.checkAssociation(policyId, target);
  }

  /** Deleting what is not there is no error. @throws as associate */
  async deleteAssociation(policyId: string, target: PolicyTarget): Promise<void> {
    await this.requireAll(policyId, target);
    await this.driver.deleteAssociation(policyId, target);
  }

  /**
   * The policy in force for an endpoint: its own, else that of its service in its region or the nearest region above
   * that has one, else that of its service.
   * @throws EndpointNotFound; NotFound when there is none
   */
  async getPolicyForEndpoint(endpointId: string): Promise<Policy> {
    const { catalog, policy } = this.context.providers;
    const endpoint = await catalog.getEndpoint(endpointId);
    const policyId = await this.policyIdFor(endpoint);
    if (policyId === null) throw new NotFound(`No policy is associated with endpoint ${endpointId}.`);
    return policy.getPolicy(policyId);
  }

  /** All endpoints that an association of the policy reaches, each once. @throws PolicyNotFound */
  async listEndpointsForPolicy(policyId: string): Promise<Endpoint[]> {
    const { catalog, policy } = this.context.providers;
    await policy.getPolicy(policyId);
    const associations = await this.driver.listAssociationsOfPolicy(policyId);
    const endpointIds = associations.flatMap(({ endpoint_id }) => endpoint_id ?? []);
    const byService = associations.filter(({ endpoint_id, service_id }) => !endpoint_id && service_id);
    const own = await catalog.listEndpointsFromIds(endpointIds);
    reportMissing(policyId, endpointIds, own);
    const ofServices = await catalog.listEndpointsOfServices([
      ...new Set(byService.flatMap(({ service_id }) => service_id ?? [])),
    ]);
    const reached = await this.reachedBy(byService, ofServices);
    return [...new Map([...own, ...reached].map((endpoint) => [endpoint.id, endpoint])).values()];
  }

  private async reachedBy(
    associations: readonly PolicyAssociation[],
    endpoints: readonly Endpoint[],
  ): Promise<Endpoint[]> {
    const regionIds = associations.flatMap(({ region_id }) => region_id ?? []);
    const regions =
      regionIds.length === 0 ? null : await this.context.providers.catalog.regionSubtrees(regionIds);
    return endpoints.filter((endpoint) =>
      associations.some(({ service_id, region_id }) => {
        if (service_id !== endpoint.service_id) return false;
        if (region_id === null) return true;
        return endpoint.region_id !== null && regions?.get(region_id)?.has(endpoint.region_id) === true;
      }),
    );
  }

  private async policyIdFor(endpoint: Endpoint): Promise<string | null> {
    const associations = await this.driver.listAssociationsForEndpoint(endpoint.id, endpoint.service_id);
    const own = associations.find(({ endpoint_id }) => endpoint_id === endpoint.id);
    if (own !== undefined) return own.policy_id;
    const byRegion = new Map(
      associations.flatMap(({ region_id, policy_id }) =>
        region_id === null ? [] : [[region_id, policy_id]],
      ),
    );
    if (endpoint.region_id !== null && byRegion.size > 0) {
      const lineage = await this.context.providers.catalog.regionLineage(endpoint.region_id);
      const nearest = lineage.find((region) => byRegion.has(region));
      if (nearest !== undefined) return byRegion.get(nearest) ?? null;
    }
    return associations.find(({ region_id }) => region_id === null)?.policy_id ?? null;
  }

  private async requireAll(policyId: string, target: PolicyTarget): Promise<void> {
    const { catalog, policy } = this.context.providers;
    await policy.getPolicy(policyId);
    if ('endpointId' in target) {
      await catalog.getEndpoint(target.endpointId);
      return;
    }
    await catalog.getService(target.serviceId);
    if (target.regionId !== undefined) await catalog.getRegion(target.regionId);
  }
}

/** Databases of Keystone hold associations with endpoints that went with their service. */
function reportMissing(policyId: string, ids: readonly string[], found: readonly Endpoint[]): void {
  const missing = ids.filter((id) => !found.some((endpoint) => endpoint.id === id));
  if (missing.length > 0) {
    log.warn(`Policy ${policyId} is associated with endpoints that do not exist: ${missing.join(', ')}`);
  }
}
