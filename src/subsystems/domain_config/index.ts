/** Manifest of the subsystem `domain_config`. */
import type { Subsystem } from '../subsystem.js';
import { DOMAIN_CONFIG_DRIVER_SHAPE, type DomainConfigDriver } from './driver.js';
import { DomainConfigManager } from './manager.js';
import { domainConfigRoutes } from './routers.js';

export const domainConfig: Subsystem<DomainConfigDriver, DomainConfigManager> = {
  name: 'domain_config',
  option: { section: 'domain_config', name: 'driver' },
  drivers: { sql: () => import('./backends/sql.js') },
  shape: DOMAIN_CONFIG_DRIVER_SHAPE,
  createManager: (driver, context) => new DomainConfigManager(driver, context),
  routes: domainConfigRoutes,
};
