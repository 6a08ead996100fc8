/** The text of DDL statements, per dialect, from the declared tables. */
import type { Column, ForeignKey, Index, TableDefinition, Unique } from '../table.js';
import type { Dialect } from '../types.js';

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quoteAll = (names: readonly string[]): string => names.map(quote).join(', ');
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** PostgreSQL's enumerated types are named after their column, as SQLAlchemy does. */
export function columnType(name: string, column: Column, dialect: Dialect): string {
  switch (column.kind) {
    case 'varchar':
      return `VARCHAR(${column.length})`;
    case 'enum':
      if (dialect === 'sqlite') return `VARCHAR(${column.length})`;
      return dialect === 'mysql' ? `ENUM(${(column.values ?? []).map(literal).join(', ')})` : quote(name);
    case 'datetime':
      return dialect === 'postgres' ? 'TIMESTAMP WITHOUT TIME ZONE' : 'DATETIME';
    case 'integer':
      return column.autoIncrement && dialect === 'postgres' ? 'SERIAL' : 'INTEGER';
    default:
      return column.kind.toUpperCase();
  }
}

function defaultClause(column: Column, dialect: Dialect): string {
  const { default: value } = column;
  if (value === null) return '';
  if (typeof value === 'string') return ` DEFAULT ${literal(value)}`;
  if (dialect === 'postgres') return ` DEFAULT ${value}`;
  // SQLAlchemy quotes numbers here, which makes no difference to the value.
  return ` DEFAULT '${Number(value)}'`;
}

/** @param nullable overrides the declaration, while old releases still write rows without the column */
export function columnClause(
  name: string,
  column: Column,
  dialect: Dialect,
  nullable: boolean = column.nullable,
): string {
  const counted = column.autoIncrement && dialect === 'mysql' ? ' AUTO_INCREMENT' : '';
  const type = columnType(name, column, dialect);
  return `${quote(name)} ${type}${defaultClause(column, dialect)}${nullable ? '' : ' NOT NULL'}${counted}`;
}

const named = (name: string | null): string => (name === null ? '' : `CONSTRAINT ${quote(name)} `);

export const uniqueClause = ({ name, columns }: Unique): string =>
  `${named(name)}UNIQUE (${quoteAll(columns)})`;

export function foreignKeyClause(key: ForeignKey): string {
  const { table, columns } = key.references;
  const onDelete = key.onDelete === null ? '' : ` ON DELETE ${key.onDelete}`;
  const onUpdate = key.onUpdate === null ? '' : ` ON UPDATE ${key.onUpdate}`;
  return `${named(key.name)}FOREIGN KEY (${quoteAll(key.columns)}) REFERENCES ${quote(table)} (${quoteAll(columns)})${onDelete}${onUpdate}`;
}

/** The foreign keys that a dialect has. */
export function foreignKeysOf(table: TableDefinition, dialect: Dialect): readonly ForeignKey[] {
  return table.foreignKeys.filter(({ sqliteOnly }) => dialect === 'sqlite' || !sqliteOnly);
}

/**
 * CREATE TABLE without its indexes.
 * @param options.name      instead of the declared one
 * @param options.collation MySQL: that of the other tables, because foreign keys need the same on both sides
 * @param options.more      further column clauses
 */
export function createTable(
  table: TableDefinition,
  dialect: Dialect,
  options: { readonly name?: string; readonly collation?: string; readonly more?: readonly string[] } = {},
): string {
  const clauses = [
    ...Object.entries(table.columns).map(([name, column]) => columnClause(name, column, dialect)),
    ...(options.more ?? []),
    `PRIMARY KEY (${quoteAll(table.primaryKey)})`,
    ...table.unique.map(uniqueClause),
    ...foreignKeysOf(table, dialect).map(foreignKeyClause),
  ];
  const collation = options.collation ?? 'utf8mb4_general_ci';
  const suffix =
    dialect === 'mysql'
      ? ` ENGINE=InnoDB DEFAULT CHARACTER SET ${collation.split('_')[0]} COLLATE ${collation}`
      : '';
  return `CREATE TABLE ${quote(options.name ?? table.name)} (\n  ${clauses.join(',\n  ')}\n)${suffix}`;
}

export function createIndex(table: string, { name, columns }: Index): string {
  return `CREATE INDEX ${quote(name)} ON ${quote(table)} (${quoteAll(columns)})`;
}

/** PostgreSQL's enumerated types of a table, by name. */
export function enumTypes(table: TableDefinition): { readonly name: string; readonly create: string }[] {
  return Object.entries(table.columns).flatMap(([name, { kind, values }]) =>
    kind === 'enum'
      ? [{ name, create: `CREATE TYPE ${quote(name)} AS ENUM (${(values ?? []).map(literal).join(', ')})` }]
      : [],
  );
}

/** Tables in an order in which each comes after those that it refers to. */
export function inOrder(tables: readonly TableDefinition[]): TableDefinition[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const done = new Set<TableDefinition>();
  const visit = (table: TableDefinition): void => {
    if (done.has(table)) return;
    done.add(table);
    for (const { references } of table.foreignKeys) {
      const target = byName.get(references.table);
      if (target !== undefined) visit(target);
    }
    ordered.push(table);
  };
  const ordered: TableDefinition[] = [];
  for (const table of tables) visit(table);
  return ordered;
}
