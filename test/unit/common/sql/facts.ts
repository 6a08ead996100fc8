/** The schemas of Newton and Zed as `test/fixtures/schema.json` records them, and a database made from one. */
import { readFileSync } from 'node:fs';
import type { Dialect } from '../../../../src/common/sql/index.js';
import type { FoundTable } from '../../../../src/common/sql/migrations/inspect.js';

interface FactColumn {
  readonly name: string;
  readonly type: string;
  readonly mysql: string | null;
  readonly nullable: boolean;
  readonly default: string | null;
}

interface FactForeignKey {
  readonly columns: readonly string[];
  readonly options: { readonly ondelete?: string; readonly onupdate?: string };
  readonly ref_columns: readonly string[];
  readonly ref_table: string;
}

export interface FactTable {
  readonly columns: readonly FactColumn[];
  readonly primary_key: readonly string[];
  readonly unique: readonly { readonly columns: readonly string[]; readonly name: string | null }[];
  readonly indexes: readonly {
    readonly columns: readonly string[];
    readonly name: string;
    readonly unique: boolean;
  }[];
  readonly foreign_keys: readonly FactForeignKey[];
}

export type FactTables = Readonly<Record<string, FactTable>>;

const file = new URL('../../../fixtures/schema.json', import.meta.url);
const facts = JSON.parse(readFileSync(file, 'utf8')) as Readonly<
  Record<'newton' | 'zed', { readonly tables: FactTables }>
>;

export const newton = facts.newton.tables;
export const zed = facts.zed.tables;

/** The unique constraints that a database keeps: SQLite and PostgreSQL make none where the primary key is the same. */
export function keptUnique(table: FactTable, dialect: Dialect): FactTable['unique'] {
  return table.unique.filter(
    ({ columns }) => dialect === 'mysql' || columns.join() !== table.primary_key.join(),
  );
}

/** Which foreign keys exist on SQLite only. */
const SQLITE_ONLY = new Set(['assignment role_id']);
/** Counted-up keys: an integer that is the whole primary key. */
const isCounter = (table: FactTable, column: FactColumn): boolean =>
  column.type === 'INTEGER' && table.primary_key.join() === column.name;

function typeOf(table: FactTable, column: FactColumn, dialect: Dialect): string {
  if (dialect === 'mysql') return `${column.mysql}${isCounter(table, column) ? ' AUTO_INCREMENT' : ''}`;
  if (dialect === 'sqlite') return column.type;
  if (column.mysql?.startsWith('ENUM') === true) return `"${column.name}"`;
  if (isCounter(table, column)) return 'SERIAL';
  return column.type === 'DATETIME' ? 'TIMESTAMP' : column.type;
}

function defaultOf(column: FactColumn, dialect: Dialect): string {
  if (column.default === null) return '';
  const isTruth = dialect === 'postgres' && column.type === 'BOOLEAN';
  return ` DEFAULT ${isTruth ? String(column.default === '1') : `'${column.default.replaceAll("'", '')}'`}`;
}

const quoteAll = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

/** Statements that make these tables, as the release itself would; foreign keys come last. */
export function statementsFor(tables: FactTables, dialect: Dialect): string[] {
  const statements: string[] = [];
  const late: string[] = [];
  for (const [name, table] of Object.entries(tables)) {
    for (const column of table.columns) {
      if (dialect === 'postgres' && column.mysql?.startsWith('ENUM') === true) {
        statements.push(`CREATE TYPE "${column.name}" AS ${column.mysql}`);
      }
    }
    const clauses = table.columns.map(
      (column) =>
        `"${column.name}" ${typeOf(table, column, dialect)}${defaultOf(column, dialect)}${column.nullable ? '' : ' NOT NULL'}`,
    );
    clauses.push(`PRIMARY KEY (${quoteAll(table.primary_key)})`);
    for (const unique of table.unique) {
      clauses.push(
        `${unique.name === null ? '' : `CONSTRAINT "${unique.name}" `}UNIQUE (${quoteAll(unique.columns)})`,
      );
    }
    const keys = table.foreign_keys
      .filter(({ columns }) => dialect === 'sqlite' || !SQLITE_ONLY.has(`${name} ${columns.join()}`))
      .map(
        ({ columns, ref_table: to, ref_columns: toColumns, options }) =>
          `FOREIGN KEY (${quoteAll(columns)}) REFERENCES "${to}" (${quoteAll(toColumns)})${options.ondelete === undefined ? '' : ` ON DELETE ${options.ondelete}`}${options.onupdate === undefined ? '' : ` ON UPDATE ${options.onupdate}`}`,
      );
    if (dialect === 'sqlite') clauses.push(...keys);
    else late.push(...keys.map((key) => `ALTER TABLE "${name}" ADD ${key}`));
    const suffix = dialect === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8' : '';
    statements.push(`CREATE TABLE "${name}" (${clauses.join(', ')})${suffix}`);
    for (const index of table.indexes) {
      late.push(`CREATE INDEX "${index.name}" ON "${name}" (${quoteAll(index.columns)})`);
    }
  }
  return [...statements, ...late];
}

const sorted = <T>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** A recorded table in the words of the inspection, in a settled order. */
export function fromFacts(table: FactTable): object {
  return {
    columns: sorted(
      table.columns.map(({ name, type, nullable, default: value }) => ({
        name,
        type,
        nullable,
        default: value === null ? null : value.replaceAll("'", ''),
      })),
    ),
    primaryKey: table.primary_key,
    unique: sorted(keptUnique(table, 'sqlite').map(({ name, columns }) => ({ name, columns }))),
    indexes: sorted(table.indexes.map(({ name, columns }) => ({ name, columns }))),
    foreignKeys: sorted(
      table.foreign_keys.map(({ columns, ref_table: to, ref_columns: toColumns, options }) => ({
        columns,
        references: { table: to, columns: toColumns },
        onDelete: options.ondelete ?? null,
        onUpdate: options.onupdate ?? null,
      })),
    ),
  };
}

/** A table that was found on SQLite, in the same form. */
export function fromSqlite(table: FoundTable): object {
  return {
    columns: sorted(
      [...table.columns].map(([name, { type, nullable, default: value }]) => ({
        name,
        type,
        nullable,
        default: value === null ? null : value.replaceAll("'", ''),
      })),
    ),
    primaryKey: table.primaryKey,
    unique: sorted(table.unique.map(({ name, columns }) => ({ name, columns }))),
    indexes: sorted(table.indexes.map(({ name, columns }) => ({ name, columns }))),
    foreignKeys: sorted(
      table.foreignKeys.map(({ columns, references, onDelete, onUpdate }) => ({
        columns,
        references,
        onDelete,
        onUpdate,
      })),
    ),
  };
}
