/** Manifest of the subsystem `revoke`. */
import type { Subsystem } from '../subsystem.js';
import { REVOKE_DRIVER_SHAPE, type RevokeDriver } from './driver.js';
import { RevokeManager } from './manager.js';
import { revokeRoutes } from './routers.js';

export const revoke: Subsystem<RevokeDriver, RevokeManager> = {
  name: 'revoke',
  option: { section: 'revoke', name: 'driver' },
  drivers: { sql: () => import('./backends/sql.js') },
  shape: REVOKE_DRIVER_SHAPE,
  createManager: (driver, context) => new RevokeManager(driver, context),
  routes: (providers) => revokeRoutes(providers.revoke),
};
