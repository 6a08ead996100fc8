/**
 * The end state: what only holds once no older release writes any more. Not-null columns, wider types, unique
 * constraints and foreign keys as declared; constraints that newer ones replace are dropped.
 */
import { DatabaseError } from '../errors.js';
import type { Column, ForeignKey, TableDefinition } from '../table.js';
import type { Dialect } from '../types.js';
import {
  columnClause,
  createIndex,
  createTable,
  foreignKeyClause,
  foreignKeysOf,
  inOrder,
  quote,
  quoteAll,
  uniqueClause,
} from './ddl.js';
import type { Report } from './expand.js';
import { type FoundForeignKey, type FoundTable, inspect, sameColumns } from './inspect.js';
import type { MigrationSession } from './session.js';

/** Unique constraints of older releases that are too narrow for later rows, by table. */
const OBSOLETE_UNIQUE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  trust: [['trustor_user_id', 'trustee_user_id', 'project_id', 'impersonation', 'expires_at']],
};

interface Differences {
  /** Columns whose nullability or length differs. */
  readonly columns: readonly [string, Column][];
  readonly dropUnique: readonly string[];
  readonly addUnique: TableDefinition['unique'];
  readonly dropForeignKeys: readonly FoundForeignKey[];
  readonly addForeignKeys: readonly ForeignKey[];
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  sameColumns([...a].sort(), [...b].sort());

function isSameKey(found: FoundForeignKey, declared: ForeignKey): boolean {
  return (
    sameColumns(found.columns, declared.columns) &&
    found.references.table === declared.references.table &&
    sameColumns(found.references.columns, declared.references.columns) &&
    found.onDelete === declared.onDelete &&
    found.onUpdate === declared.onUpdate
  );
}

/** A key that declared ones replace: it starts from the same column and points to the same table. */
function isReplaced(found: FoundForeignKey, table: TableDefinition, dialect: Dialect): boolean {
  const declared = foreignKeysOf(table, dialect);
  if (declared.some((key) => isSameKey(found, key))) return false;
  return declared.some(
    (key) => key.columns[0] === found.columns[0] && key.references.table === found.references.table,
  );
}

function differences(table: TableDefinition, found: FoundTable, dialect: Dialect): Differences {
  const obsolete = OBSOLETE_UNIQUE[table.name] ?? [];
  return {
    columns: Object.entries(table.columns).filter(([name, column]) => {
      const is = found.columns.get(name);
      if (is === undefined) return false;
      const narrow = column.kind === 'varchar' && is.length !== null && is.length < (column.length ?? 0);
      return narrow || (is.nullable !== column.nullable && !table.primaryKey.includes(name));
    }),
    dropUnique: found.unique
      .filter(({ columns }) => obsolete.some((one) => sameSet(one, columns)))
      .map(({ name }) => name ?? ''),
    addUnique: table.unique.filter(
      ({ columns }) =>
        !found.unique.some((is) => sameSet(is.columns, columns)) && !sameSet(found.primaryKey, columns),
    ),
    dropForeignKeys: found.foreignKeys.filter((key) => isReplaced(key, table, dialect)),
    addForeignKeys: foreignKeysOf(table, dialect).filter(
      (key) => !found.foreignKeys.some((is) => isSameKey(is, key)),
    ),
  };
}

const isEmpty = (found: Differences): boolean =>
  Object.values(found).every((list: readonly unknown[]) => list.length === 0);

export async function applyConstraints(
  session: MigrationSession,
  tables: readonly TableDefinition[],
  report: Report,
): Promise<void> {
  const found = await inspect(session);
  // A foreign key needs the unique constraint that it refers to.
  for (const table of inOrder(tables)) {
    const existing = found.get(table.name);
    if (existing === undefined) throw new DatabaseError(`table ${table.name} is missing`);
    const differing = differences(table, existing, session.dialect);
    if (isEmpty(differing)) continue;
    await refuseNulls(session, table, differing);
    if (session.dialect === 'sqlite') await rebuild(session, table, existing);
    else await alter(session, table, differing);
    report(`constraints of ${table.name} brought up to date`);
  }
}

/** A clear message instead of the database's, which would not say how to go on. */
async function refuseNulls(
  session: MigrationSession,
  table: TableDefinition,
  { columns }: Differences,
): Promise<void> {
  for (const [name, column] of columns) {
    if (column.nullable) continue;
    const [row] = await session.all(
      `SELECT COUNT(*) AS n FROM ${quote(table.name)} WHERE ${quote(name)} IS NULL`,
    );
    const count = Number(row?.['n']);
    if (count > 0)
      throw new DatabaseError(`${count} rows of ${table.name} have no ${name}: run db_sync --migrate`);
  }
}

/** SQLite cannot alter constraints: the table is made anew with its rows, foreign keys being off. */
async function rebuild(
  session: MigrationSession,
  table: TableDefinition,
  existing: FoundTable,
): Promise<void> {
  const name = `${table.name}_rebuilt`;
  const others = [...existing.columns].filter(([column]) => !Object.hasOwn(table.columns, column));
  await session.run(
    createTable(table, 'sqlite', {
      name,
      more: others.map(([column, { type }]) => `${quote(column)} ${type}`),
    }),
  );
  const kept = quoteAll([...existing.columns.keys()]);
  await session.run(`INSERT INTO ${quote(name)} (${kept}) SELECT ${kept} FROM ${quote(table.name)}`);
  await session.run(`DROP TABLE ${quote(table.name)}`);
  await session.run(`ALTER TABLE ${quote(name)} RENAME TO ${quote(table.name)}`);
  for (const index of existing.indexes) {
    await session.run(createIndex(table.name, { name: index.name ?? '', columns: index.columns }));
  }
}

async function alter(
  session: MigrationSession,
  table: TableDefinition,
  differing: Differences,
): Promise<void> {
  const { dialect } = session;
  const change = (clause: string): Promise<number> =>
    session.run(`ALTER TABLE ${quote(table.name)} ${clause}`);
  for (const { name } of differing.dropForeignKeys) {
    await change(`DROP ${dialect === 'mysql' ? 'FOREIGN KEY' : 'CONSTRAINT'} ${quote(name ?? '')}`);
  }
  for (const [name, column] of differing.columns) {
    if (dialect === 'mysql') {
      await change(`MODIFY COLUMN ${columnClause(name, column, dialect)}`);
    } else {
      if (column.kind === 'varchar')
        await change(`ALTER COLUMN ${quote(name)} TYPE VARCHAR(${column.length})`);
      await change(`ALTER COLUMN ${quote(name)} ${column.nullable ? 'DROP' : 'SET'} NOT NULL`);
    }
  }
  // New ones first: MySQL needs an index for foreign keys at all times.
  for (const unique of differing.addUnique) await change(`ADD ${uniqueClause(unique)}`);
  for (const name of differing.dropUnique) {
    await change(`DROP ${dialect === 'mysql' ? 'INDEX' : 'CONSTRAINT'} ${quote(name)}`);
  }
  for (const key of differing.addForeignKeys) await change(`ADD ${foreignKeyClause(key)}`);
}
