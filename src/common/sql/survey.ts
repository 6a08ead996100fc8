/** Looks at a database without changing anything, not even the way in which a SQLite file is written. */
import { access, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type sqlite3 from 'sqlite3';
import { openDatabase } from './database.js';
import { DatabaseError } from './errors.js';
import { mapError } from './map_error.js';
import { type DatabaseVersion, versionSeenBy } from './migrations/index.js';
import { inspect } from './migrations/inspect.js';
import { type ReadSession, readSession } from './migrations/session.js';
import { parseSqlUrl } from './sqlalchemy_url.js';
import { loadSqlite } from './sqlite/library.js';
import type { DatabaseOptions, Dialect } from './types.js';

export interface DatabaseSurvey {
  readonly dialect: Dialect;
  readonly version: DatabaseVersion;
  /** Names of all tables. */
  readonly tables: ReadonlySet<string>;
  /** Rows of a table that meet a condition; 0 where the table is missing. Both are constants of the caller, never input. */
  count(table: string, condition?: string): Promise<number>;
}

/**
 * Look at the database that `url` names.
 * @param url as in `[database] connection`
 * @throws DatabaseError when it cannot be reached or is none that can be taken over
 */
export async function surveyDatabase<T>(
  url: string,
  options: Partial<DatabaseOptions>,
  work: (survey: DatabaseSurvey) => Promise<T>,
): Promise<T> {
  const parsed = parseSqlUrl(url);
  if (parsed.dialect === 'sqlite') {
    if (parsed.path === null) throw new DatabaseError('a database in memory is empty with every start');
    return withReadOnlyFile(resolve(parsed.path), async (session) => work(await surveyOf(session)));
  }
  const database = await openDatabase({ url: parsed, options });
  try {
    return await work(await surveyOf(readSession(database)));
  } finally {
    await database.close();
  }
}

async function surveyOf(session: ReadSession): Promise<DatabaseSurvey> {
  const version = await versionSeenBy(session);
  const tables = new Set((await inspect(session)).keys());
  const quote = session.dialect === 'mysql' ? '`' : '"';
  return {
    dialect: session.dialect,
    version,
    tables,
    async count(table, condition) {
      if (!tables.has(table)) return 0;
      const where = condition === undefined ? '' : ` WHERE ${condition}`;
      const [row] = await session.all(`SELECT COUNT(*) AS n FROM ${quote}${table}${quote}${where}`);
      return Number(row?.['n']);
    },
  };
}

/** Byte of the header that is 2 in a file with a write-ahead log. */
const READ_VERSION_AT = 19;
const WITH_LOG = 2;

/**
 * The file as a URI for SQLite. A file with a write-ahead log that nobody has open is read as one that never changes:
 * SQLite would leave an empty log beside it otherwise.
 * @throws DatabaseError when there is no such file
 */
async function readOnlyUri(path: string): Promise<string> {
  const header = Buffer.alloc(READ_VERSION_AT + 1);
  try {
    const file = await open(path);
    try {
      await file.read(header, 0, header.length, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new DatabaseError(`there is no file ${path} that could be read`, { cause: error });
  }
  const isOpen = await access(`${path}-wal`).then(
    () => true,
    () => false,
  );
  const settled = header[READ_VERSION_AT] === WITH_LOG && !isOpen;
  return `${pathToFileURL(path).href}?mode=ro${settled ? '&immutable=1' : ''}`;
}

async function withReadOnlyFile<T>(path: string, work: (session: ReadSession) => Promise<T>): Promise<T> {
  const uri = await readOnlyUri(path);
  const library = await loadSqlite();
  const file = await new Promise<sqlite3.Database>((done, fail) => {
    const opened = new library.Database(uri, library.OPEN_READONLY | library.OPEN_URI, (error) =>
      error === null ? done(opened) : fail(mapError(error, 'sqlite')),
    );
  });
  try {
    return await work({
      dialect: 'sqlite',
      all: (text, parameters = []) =>
        new Promise((done, fail) => {
          file.all<Record<string, unknown>>(text, parameters, (error, rows) =>
            error === null ? done(rows) : fail(mapError(error, 'sqlite')),
          );
        }),
    });
  } finally {
    await new Promise<void>((done) => file.close(() => done()));
  }
}
