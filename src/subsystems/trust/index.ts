/** Manifest of the subsystem `trust`. */
import type { Subsystem } from '../subsystem.js';
import { TRUST_DRIVER_SHAPE, type TrustDriver } from './driver.js';
import { TrustManager } from './manager.js';
import { trustRoutes } from './routers.js';

export const trust: Subsystem<TrustDriver, TrustManager> = {
  name: 'trust',
  option: { section: 'trust', name: 'driver' },
  drivers: { sql: () => import('./backends/sql.js') },
  shape: TRUST_DRIVER_SHAPE,
  createManager: (driver, context) => new TrustManager(driver, context),
  // Without trusts the API does not know their routes either.
  routes: (providers, conf) => (conf.trust.enabled ? trustRoutes(providers.trust) : []),
};
