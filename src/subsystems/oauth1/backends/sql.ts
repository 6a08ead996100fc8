/** OAuth consumers and tokens in the SQL tables `consumer`, `request_token` and `access_token`. */
import type { Database } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { Oauth1Driver } from '../driver.js';
import type { AccessToken } from '../types.js';

export function createDriver({ database }: DriverContext): Oauth1Driver {
  return new SqlOauth1Driver(database);
}

class SqlOauth1Driver implements Oauth1Driver {
  constructor(private readonly database: Database) {}

  async getAccessToken(id: string): Promise<AccessToken | null> {
    const row = await this.database.table('access_token').get(id);
    return row === null ? null : { ...row, role_ids: JSON.parse(row.role_ids) as string[] };
  }
}
