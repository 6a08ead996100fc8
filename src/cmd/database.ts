/** The database for commands that work on its schema. */
import { type Database, openDatabase } from '../common/sql/index.js';
import { parseSqlUrl } from '../common/sql/sqlalchemy_url.js';
import type { LoadedConf } from '../conf/index.js';
import { CommandError } from './command.js';

/** Do something with the database of `[database] connection`, and close it. */
export async function withDatabase<T>(
  { conf }: LoadedConf,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ url: parseSqlUrl(conf.database.connection), options: conf.database });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** `--extension` of old releases, whose extensions had schemas of their own. @throws CommandError when it is given */
export function refuseExtension(extension: string | undefined): void {
  if (extension === undefined) return;
  throw new CommandError(
    '--extension: all extensions belong to the main schema now; run keystone-manage db_sync without it',
  );
}
