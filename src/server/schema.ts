/** Whether there is a schema to work on, asked before anything else fails for want of a table. */
import { type Database, dbVersion } from '../common/sql/index.js';

/**
 * @throws Error when the database has no tables of ours. One in the middle of a rolling upgrade is fine.
 */
export async function requireSchema(database: Database): Promise<void> {
  const { version } = await dbVersion(database);
  if (version === 0) {
    throw new Error(
      'the database of [database] connection has no tables yet: run "keystone-manage db_sync" first',
    );
  }
}
