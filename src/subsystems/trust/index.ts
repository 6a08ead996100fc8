/** Manifest of the subsystem `trust`. */
import type { Subsystem } from '../subsystem.js';
import type { TrustDriver } from './driver.js';
import { TrustManager } from './manager.js';

export const trust: Subsystem<TrustDriver, TrustManager> = {
  name: 'trust',
  option: { section: 'trust', name: 'driver' },
  drivers: { sql: () => import('./backends/sql.js') },
  createManager: (driver, context) => new TrustManager(driver, context),
  routes: () => [],
};
