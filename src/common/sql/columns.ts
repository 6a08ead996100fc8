/** Whether a column is there, for those that a database that is only shared with us may lack. */
import { prepareSql } from './prepared.js';
import type { Database, Dialect } from './types.js';

const columns = { found: 'integer' } as const;

const LOOK: Readonly<Record<Dialect, ReturnType<typeof statement>>> = {
  sqlite: statement('SELECT 1 AS found FROM pragma_table_info(?) WHERE name = ?'),
  mysql: statement(
    'SELECT 1 AS found FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?',
  ),
  postgres: statement(
    'SELECT 1 AS found FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ? AND column_name = ?',
  ),
};

function statement(text: string) {
  return prepareSql({ text, columns });
}

/** Asks the database each time. */
export async function hasColumn(database: Database, table: string, column: string): Promise<boolean> {
  return (await database.query(LOOK[database.dialect], [table, column])).length > 0;
}
