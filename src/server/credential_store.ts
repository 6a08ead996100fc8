/** The stored credentials alone, for commands that need nothing else of the service. */
import type { Database } from '../common/sql/index.js';
import type { LoadedConf } from '../conf/index.js';
import type { CredentialDriver } from '../subsystems/credential/driver.js';
import { credential } from '../subsystems/credential/index.js';
import { loadDriver } from '../subsystems/subsystem.js';
import { driverPlaces } from './driver_places.js';

/** The backend of `[credential] driver`. @throws Error naming the option and its valid values */
export function loadCredentialStore(loaded: LoadedConf, database: Database): Promise<CredentialDriver> {
  const { conf } = loaded;
  const context = { conf, database, keys: new Map(), ...driverPlaces(loaded) };
  return loadDriver(credential, conf.credential.driver, context);
}
