import { quote } from './ddl.js';
import { actionOf, type FoundForeignKey, type FoundKey, type FoundTable, groupBy } from './inspect.js';
import type { ReadSession } from './session.js';

/** Constraint names stand only in the statement that made the table. */
function constraintNames(sql: string, kind: 'UNIQUE' | 'FOREIGN KEY'): Map<string, string> {
  const pattern = new RegExp(`CONSTRAINT\\s+"?(\\w+)"?\\s+${kind}\\s*\\(([^)]*)\\)`, 'gi');
  return new Map(
    [...sql.matchAll(pattern)].map(([, name = '', columns = '']) => [columns.replace(/["\s]/g, ''), name]),
  );
}

async function keys(
  session: ReadSession,
  table: string,
  sql: string,
): Promise<{ unique: FoundKey[]; indexes: FoundKey[] }> {
  const unique: FoundKey[] = [];
  const indexes: FoundKey[] = [];
  const names = constraintNames(sql, 'UNIQUE');
  for (const row of await session.all(`PRAGMA index_list(${quote(table)})`)) {
    const members = await session.all(`PRAGMA index_info(${quote(String(row['name']))})`);
    const columns = members.map((member) => String(member['name']));
    if (row['origin'] === 'c' && row['unique'] !== 1) indexes.push({ name: String(row['name']), columns });
    if (row['origin'] === 'c' && row['unique'] === 1) unique.push({ name: String(row['name']), columns });
    if (row['origin'] === 'u') unique.push({ name: names.get(columns.join(',')) ?? null, columns });
  }
  return { unique, indexes };
}

async function foreignKeys(session: ReadSession, table: string, sql: string): Promise<FoundForeignKey[]> {
  const names = constraintNames(sql, 'FOREIGN KEY');
  const rows = await session.all(`PRAGMA foreign_key_list(${quote(table)})`);
  return [...groupBy(rows, (row) => String(row['id'])).values()].map((parts) => {
    const columns = parts.map((part) => String(part['from']));
    const [first] = parts;
    return {
      name: names.get(columns.join(',')) ?? null,
      columns,
      references: { table: String(first?.['table']), columns: parts.map((part) => String(part['to'])) },
      onDelete: actionOf(first?.['on_delete']),
      onUpdate: actionOf(first?.['on_update']),
    };
  });
}

export async function inspectSqlite(session: ReadSession): Promise<FoundTable[]> {
  const tables = await session.all(
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
  );
  const found: FoundTable[] = [];
  for (const { name: tableName, sql } of tables) {
    const name = String(tableName);
    const rows = await session.all(`PRAGMA table_info(${quote(name)})`);
    const keyed = rows
      .filter((row) => Number(row['pk']) > 0)
      .sort((a, b) => Number(a['pk']) - Number(b['pk']));
    found.push({
      name,
      columns: new Map(
        rows.map((row) => {
          const type = String(row['type']).toUpperCase();
          const length = /\((\d+)\)/.exec(type)?.[1];
          const value = row['dflt_value'];
          return [
            String(row['name']),
            {
              type,
              length: length === undefined ? null : Number(length),
              nullable: row['notnull'] === 0,
              default: typeof value === 'string' ? value : null,
            },
          ];
        }),
      ),
      primaryKey: keyed.map((row) => String(row['name'])),
      ...(await keys(session, name, String(sql))),
      foreignKeys: await foreignKeys(session, name, String(sql)),
    });
  }
  return found;
}
