/** Manifest of the subsystem `role`. */
import type { Subsystem } from '../subsystem.js';
import { ROLE_DRIVER_SHAPE, type RoleDriver } from './driver.js';
import { RoleManager } from './manager.js';
import { roleRoutes } from './routers.js';

export const role: Subsystem<RoleDriver, RoleManager> = {
  name: 'role',
  option: { section: 'role', name: 'driver' },
  drivers: { ldap: () => import('./backends/ldap.js'), sql: () => import('./backends/sql.js') },
  shape: ROLE_DRIVER_SHAPE,
  createManager: (driver, context) => new RoleManager(driver, context),
  routes: (providers) => roleRoutes(providers.role),
};
