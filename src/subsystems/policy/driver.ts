/** What a policy backend can do. Suites in `test/conformance/policy.ts` hold every backend to this. */
import type { Hints } from '../../common/hints.js';
import type { ShapeOf } from '../../common/shape.js';
import type { Policy } from './types.js';

export interface PolicyDriver {
  createPolicy(policy: Policy): Promise<Policy>;
  /** Filters that the backend applied are marked satisfied in the hints. */
  listPolicies(hints: Hints): Promise<Policy[]>;
  /** @throws PolicyNotFound */
  getPolicy(id: string): Promise<Policy>;
  /** @throws PolicyNotFound */
  updatePolicy(id: string, changes: Partial<Policy>): Promise<Policy>;
  /** @throws PolicyNotFound */
  deletePolicy(id: string): Promise<void>;
}

/** What is asked of drivers of packages. */
export const POLICY_DRIVER_SHAPE: ShapeOf<PolicyDriver> = {
  createPolicy: 'method',
  listPolicies: 'method',
  getPolicy: 'method',
  updatePolicy: 'method',
  deletePolicy: 'method',
};
