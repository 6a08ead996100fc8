/** Manifest of the subsystem `resource`. */
import type { Subsystem } from '../subsystem.js';
import { RESOURCE_DRIVER_SHAPE, type ResourceDriver } from './driver.js';
import { ResourceManager } from './manager.js';
import { resourceRoutes } from './routers.js';

export const resource: Subsystem<ResourceDriver, ResourceManager> = {
  name: 'resource',
  option: { section: 'resource', name: 'driver' },
  drivers: { ldap: () => import('./backends/ldap.js'), sql: () => import('./backends/sql.js') },
  shape: RESOURCE_DRIVER_SHAPE,
  createManager: (driver, context) => new ResourceManager(driver, context),
  routes: (providers, conf) => resourceRoutes(providers.resource, conf),
};
