/** Catalogs that are kept for as long as the database proves that nothing has changed in it. */
import type { Database } from '../../../common/sql/index.js';
import type { StoredCatalog } from '../types.js';

/** Projects remembered at a time. */
const MAX_ENTRIES = 1000;

export class CatalogMemo {
  private readonly entries = new Map<string | null, StoredCatalog>();
  private changeToken: string | undefined;

  constructor(private readonly database: Database) {}

  /**
   * What `load` gave the last time, if the database has not changed since. Databases that cannot tell are asked again
   * each time. What the current transaction itself has changed but not committed is not seen.
   */
  async get(projectId: string | null, load: () => Promise<StoredCatalog>): Promise<StoredCatalog> {
    // The proof is older than what is loaded after it: should something change in between, the proof is void.
    const token = await this.database.changeToken();
    if (token === undefined) return load();
    if (token !== this.changeToken) {
      this.entries.clear();
      this.changeToken = token;
    }
    const known = this.entries.get(projectId);
    if (known !== undefined) return known;
    const loaded = await load();
    if (this.changeToken === token && this.entries.size < MAX_ENTRIES) this.entries.set(projectId, loaded);
    return loaded;
  }
}
