/** The stored credentials, for the commands that change their keys. */
import type { LoadedConf } from '../conf/index.js';
import { loadCredentialStore } from '../server/credential_store.js';
import type { CredentialDriver } from '../subsystems/credential/driver.js';
import { withDatabase } from './database.js';

/** Do something with the stored credentials, and close their database. */
export function withCredentialStore<T>(
  loaded: LoadedConf,
  work: (store: CredentialDriver) => Promise<T>,
): Promise<T> {
  return withDatabase(loaded, async (database) => work(await loadCredentialStore(loaded, database)));
}
