/** The stored credentials alone, for commands that need nothing else of the service. */
import type { Database } from '../common/sql/index.js';
import type { Conf } from '../conf/index.js';
import type { CredentialDriver } from '../subsystems/credential/driver.js';
import { credential } from '../subsystems/credential/index.js';
import { loadDriver } from '../subsystems/subsystem.js';

/** The backend of `[credential] driver`. @throws Error naming the option and its valid values */
export function loadCredentialStore(conf: Conf, database: Database): Promise<CredentialDriver> {
  return loadDriver(credential, conf.credential.driver, { conf, database, keys: new Map() });
}
