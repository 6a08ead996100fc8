/** Manifest of the subsystem `oauth1`. */
import type { Subsystem } from '../subsystem.js';
import { OAUTH1_DRIVER_SHAPE, type Oauth1Driver } from './driver.js';
import { Oauth1Manager } from './manager.js';
import { oauth1Routes } from './routers.js';

export const oauth1: Subsystem<Oauth1Driver, Oauth1Manager> = {
  name: 'oauth1',
  option: { section: 'oauth1', name: 'driver' },
  drivers: { sql: () => import('./backends/sql.js') },
  shape: OAUTH1_DRIVER_SHAPE,
  createManager: (driver, context) => new Oauth1Manager(driver, context),
  routes: (providers) => oauth1Routes(providers.oauth1),
};
