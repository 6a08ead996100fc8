/** Manifest of the subsystem `policy`: policies of other services. The service's own policy is in `common/policy`. */
import type { Subsystem } from '../subsystem.js';
import { POLICY_DRIVER_SHAPE, type PolicyDriver } from './driver.js';
import { PolicyManager } from './manager.js';
import { policyRoutes } from './routers.js';

export const policy: Subsystem<PolicyDriver, PolicyManager> = {
  name: 'policy',
  option: { section: 'policy', name: 'driver' },
  drivers: {
    sql: () => import('./backends/sql.js'),
    rules: () => import('./backends/rules.js'),
  },
  shape: POLICY_DRIVER_SHAPE,
  createManager: (driver, context) => new PolicyManager(driver, context),
  routes: (providers) => policyRoutes(providers.policy),
};
