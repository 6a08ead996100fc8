/** Manifest of the subsystem `credential`. */
import type { Subsystem } from '../subsystem.js';
import { CREDENTIAL_DRIVER_SHAPE, type CredentialDriver } from './driver.js';
import { CredentialManager } from './manager.js';
import { credentialRoutes } from './routers.js';

export const credential: Subsystem<CredentialDriver, CredentialManager> = {
  name: 'credential',
  option: { section: 'credential', name: 'driver' },
  drivers: { sql: () => import('./backends/sql.js') },
  shape: CREDENTIAL_DRIVER_SHAPE,
  createManager: (driver, context) => new CredentialManager(driver, context),
  routes: (providers) => credentialRoutes(providers.credential),
};
