/** Manifest of the subsystem `endpoint_policy`. */
import type { Subsystem } from '../subsystem.js';
import { ENDPOINT_POLICY_DRIVER_SHAPE, type EndpointPolicyDriver } from './driver.js';
import { EndpointPolicyManager } from './manager.js';
import { endpointPolicyRoutes } from './routers.js';

export const endpointPolicy: Subsystem<EndpointPolicyDriver, EndpointPolicyManager> = {
  name: 'endpoint_policy',
  option: { section: 'endpoint_policy', name: 'driver' },
  drivers: { sql: () => import('./backends/sql.js') },
  shape: ENDPOINT_POLICY_DRIVER_SHAPE,
  createManager: (driver, context) => new EndpointPolicyManager(driver, context),
  routes: (providers, conf) =>
    conf.endpoint_policy.enabled ? endpointPolicyRoutes(providers.endpointPolicy) : [],
};
