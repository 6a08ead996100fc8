/** The native library, loaded when a SQLite file is opened: other databases do without it. */
import type sqlite3 from 'sqlite3';
import { DatabaseError } from '../errors.js';

const NO_LIBRARY =
  'the package sqlite3 has no native part: its install script was not run. Run npm install with' +
  ' --allow-scripts=sqlite3 (or npm rebuild sqlite3), or use MariaDB or PostgreSQL';

/** @throws DatabaseError saying how to install it, where npm has left out its install script */
export async function loadSqlite(): Promise<typeof sqlite3> {
  try {
    return (await import('sqlite3')).default;
  } catch (error) {
    // What an operator is told of a failure is its cause.
    throw new DatabaseError(NO_LIBRARY, { cause: new Error(NO_LIBRARY, { cause: error }) });
  }
}
