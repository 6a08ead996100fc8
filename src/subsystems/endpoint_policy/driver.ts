/** What an endpoint policy backend can do. Suites in `test/conformance/endpoint_policy.ts` hold every backend to this. */
import type { ShapeOf } from '../../common/shape.js';
import type { PolicyAssociation, PolicyTarget } from './types.js';

export interface EndpointPolicyDriver {
  /** A target has one policy: an association that exists gets the new one. */
  associate(policyId: string, target: PolicyTarget): Promise<void>;
  /** @throws PolicyAssociationNotFound */
  checkAssociation(policyId: string, target: PolicyTarget): Promise<void>;
  /** Does nothing when there is no such association. */
  deleteAssociation(policyId: string, target: PolicyTarget): Promise<void>;
  listAssociationsOfPolicy(policyId: string): Promise<PolicyAssociation[]>;
  /** All associations of the endpoint itself and of its service, with or without a region. */
  listAssociationsForEndpoint(endpointId: string, serviceId: string): Promise<PolicyAssociation[]>;
  deleteAssociationsOf(kind: 'policy' | 'endpoint' | 'service' | 'region', id: string): Promise<void>;
}

/** What is asked of drivers of packages. */
export const ENDPOINT_POLICY_DRIVER_SHAPE: ShapeOf<EndpointPolicyDriver> = {
  associate: 'method',
  checkAssociation: 'method',
  deleteAssociation: 'method',
  listAssociationsOfPolicy: 'method',
  listAssociationsForEndpoint: 'method',
  deleteAssociationsOf: 'method',
};
