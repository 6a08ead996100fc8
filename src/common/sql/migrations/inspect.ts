/** What tables a database really has. */
import type { Dialect } from '../types.js';
import { inspectMysql } from './inspect_mysql.js';
import { inspectPostgres } from './inspect_postgres.js';
import { inspectSqlite } from './inspect_sqlite.js';
import type { ReadSession } from './session.js';

export interface FoundColumn {
  /** As the database says it, in upper case, such as `VARCHAR(64)`. */
  readonly type: string;
  /** Characters, where the type has a length. */
  readonly length: number | null;
  readonly nullable: boolean;
  /** As the database says it. */
  readonly default: string | null;
}

export interface FoundKey {
  /** Null where it has none. */
  readonly name: string | null;
  readonly columns: readonly string[];
}

export interface FoundForeignKey extends FoundKey {
  readonly references: { readonly table: string; readonly columns: readonly string[] };
  /** `NO ACTION` and `RESTRICT` are both null: for us they are the same. */
  readonly onDelete: string | null;
  readonly onUpdate: string | null;
}

export interface FoundTable {
  readonly name: string;
  readonly columns: ReadonlyMap<string, FoundColumn>;
  readonly primaryKey: readonly string[];
  readonly unique: readonly FoundKey[];
  readonly indexes: readonly FoundKey[];
  readonly foreignKeys: readonly FoundForeignKey[];
}

export type FoundTables = ReadonlyMap<string, FoundTable>;

const INSPECTORS: Readonly<Record<Dialect, (session: ReadSession) => Promise<FoundTable[]>>> = {
  sqlite: inspectSqlite,
  mysql: inspectMysql,
  postgres: inspectPostgres,
};

/** All tables of the database (PostgreSQL: of the current schema), by name. */
export async function inspect(session: ReadSession): Promise<FoundTables> {
  const tables = await INSPECTORS[session.dialect](session);
  return new Map(tables.map((table) => [table.name, table]));
}

export const sameColumns = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((column, position) => column === b[position]);

/** Whether some key of the table begins with these columns, so that it serves to look them up. */
export function hasIndexOn(table: FoundTable, columns: readonly string[]): boolean {
  const keys = [table.primaryKey, ...[...table.unique, ...table.indexes].map((key) => key.columns)];
  return keys.some((key) => sameColumns(key.slice(0, columns.length), columns));
}

/** Rows by what `key` says of them, in their order. */
export function groupBy<R>(rows: readonly R[], key: (row: R) => string): Map<string, R[]> {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const name = key(row);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}

/** Actions that matter. */
export const actionOf = (action: unknown): string | null => {
  const text = String(action);
  return text === 'NO ACTION' || text === 'RESTRICT' ? null : text;
};
