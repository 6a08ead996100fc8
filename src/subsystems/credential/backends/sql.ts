/** Credentials in the SQL table `credential`. */
import type { Database } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { CredentialDriver } from '../driver.js';

export function createDriver({ database }: DriverContext): CredentialDriver {
  return new SqlCredentialDriver(database);
}

class SqlCredentialDriver implements CredentialDriver {
  constructor(private readonly database: Database) {}

  async deleteCredentialsForProject(projectId: string): Promise<void> {
    await this.database.table('credential').delete({ project_id: projectId });
  }

  async deleteCredentialsForUser(userId: string): Promise<void> {
    await this.database.table('credential').delete({ user_id: userId });
  }
}
