/**
 * The additions: missing tables, columns and indexes. Nothing that an older release relies on changes, so that it can
 * go on serving: columns that it does not know may be null until `contract`.
 */
import type { TableDefinition } from '../table.js';
import { columnClause, createIndex, createTable, enumTypes, inOrder, quote } from './ddl.js';
import { type FoundTable, type FoundTables, hasIndexOn, inspect, sameColumns } from './inspect.js';
import type { MigrationSession } from './session.js';

export type Report = (text: string) => void;

export async function addMissing(
  session: MigrationSession,
  tables: readonly TableDefinition[],
  report: Report,
): Promise<void> {
  const found = await inspect(session);
  await createMissingTables(session, tables, found, report);
  for (const table of tables) {
    const existing = found.get(table.name);
    if (existing !== undefined) await addMissingColumns(session, table, existing, report);
  }
  const complete = await inspect(session);
  for (const table of tables) {
    const existing = complete.get(table.name);
    if (existing !== undefined)
      await addMissingIndexes(session, table, existing, !found.has(table.name), report);
  }
}

async function createMissingTables(
  session: MigrationSession,
  tables: readonly TableDefinition[],
  found: FoundTables,
  report: Report,
): Promise<void> {
  const { dialect } = session;
  const collation = dialect === 'mysql' ? await existingCollation(session) : null;
  for (const table of inOrder(tables)) {
    if (found.has(table.name)) continue;
    if (dialect === 'postgres') await createEnumTypes(session, table);
    await session.run(createTable(table, dialect, collation === null ? {} : { collation }));
    report(`table ${table.name} created`);
  }
}

/** The collation of Keystone's tables that are there; null when there are none. */
async function existingCollation(session: MigrationSession): Promise<string | null> {
  const [row] = await session.all(
    "SELECT table_collation AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'project'",
  );
  const name = row?.['name'];
  return typeof name === 'string' ? name : null;
}

async function createEnumTypes(session: MigrationSession, table: TableDefinition): Promise<void> {
  for (const { name, create } of enumTypes(table)) {
    const known = await session.all(
      'SELECT 1 AS one FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = current_schema() AND t.typname = ?',
      [name],
    );
    if (known.length === 0) await session.run(create);
  }
}

async function addMissingColumns(
  session: MigrationSession,
  table: TableDefinition,
  existing: FoundTable,
  report: Report,
): Promise<void> {
  for (const [name, column] of Object.entries(table.columns)) {
    if (existing.columns.has(name)) continue;
    const nullable = column.nullable || column.default === null;
    const clause = columnClause(name, column, session.dialect, nullable);
    await session.run(`ALTER TABLE ${quote(table.name)} ADD COLUMN ${clause}`);
    report(`column ${table.name}.${name} added`);
  }
}

/**
 * Also what foreign keys need: MySQL makes such indexes by itself (and drops them for ours when a table is new), the
 * others do not. In tables that were there, an index counts by its columns, because its name may differ.
 */
async function addMissingIndexes(
  session: MigrationSession,
  table: TableDefinition,
  existing: FoundTable,
  isNew: boolean,
  report: Report,
): Promise<void> {
  const hasNamed = (name: string): boolean => existing.indexes.some((index) => index.name === name);
  const hasSame = (columns: readonly string[]): boolean =>
    existing.indexes.some((index) => sameColumns(index.columns, columns));
  const missing = [
    ...table.indexes.filter(({ name, columns }) => !hasNamed(name) && (isNew || !hasSame(columns))),
    ...table.ownIndexes.filter(({ columns }) => !hasIndexOn(existing, columns)),
  ];
  for (const index of missing) {
    await session.run(createIndex(table.name, index));
    report(`index ${index.name} created`);
  }
}
