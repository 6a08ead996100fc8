/** Manifest of the subsystem `identity`. */
import type { Subsystem } from '../subsystem.js';
import type { IdentityDriver } from './driver.js';
import { IdentityManager } from './manager.js';
import { identityRoutes } from './routers.js';

export const identity: Subsystem<IdentityDriver, IdentityManager> = {
  name: 'identity',
  option: { section: 'identity', name: 'driver' },
  drivers: {
    sql: () => import('./backends/sql.js'),
    ldap: () => import('./backends/ldap.js'),
  },
  createManager: (driver, context) => new IdentityManager(driver, context),
  routes: (providers, conf) => identityRoutes(providers.identity, conf),
};
