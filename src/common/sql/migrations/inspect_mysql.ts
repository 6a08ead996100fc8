import { actionOf, type FoundTable, groupBy } from './inspect.js';
import type { ReadSession } from './session.js';

const COLUMNS = `SELECT table_name AS t, column_name AS c, column_type AS type, character_maximum_length AS length,
  is_nullable AS nullable, column_default AS value FROM information_schema.columns
  WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position`;
const KEYS = `SELECT table_name AS t, index_name AS name, non_unique AS many, column_name AS c
  FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index`;
/*
 * Each of these asks for one schema by a constant. A join that leaves one side open has the server open the views of all
 * schemas, those of `sys` among them, which costs much and has crashed MariaDB 10.11 while others changed tables.
 */
const FOREIGN_KEYS = `SELECT table_name AS t, constraint_name AS name, column_name AS c,
  referenced_table_name AS rt, referenced_column_name AS rc FROM information_schema.key_column_usage
  WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL
  ORDER BY table_name, constraint_name, ordinal_position`;
const RULES = `SELECT table_name AS t, constraint_name AS name, delete_rule AS d, update_rule AS u
  FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()`;

/** MariaDB writes literals as SQL, MySQL as they are; a missing default may be the word NULL. */
function defaultOf(value: unknown): string | null {
  return typeof value !== 'string' || value === 'NULL' ? null : value;
}

export async function inspectMysql(session: ReadSession): Promise<FoundTable[]> {
  const byTable = (row: Record<string, unknown>): string => String(row['t']);
  const byName = (row: Record<string, unknown>): string => String(row['name']);
  const columns = groupBy(await session.all(COLUMNS), byTable);
  const keys = groupBy(await session.all(KEYS), byTable);
  const foreignKeys = groupBy(await session.all(FOREIGN_KEYS), byTable);
  const rules = new Map((await session.all(RULES)).map((row) => [`${byTable(row)}.${byName(row)}`, row]));
  return [...columns].map(([name, rows]) => {
    const grouped = [...groupBy(keys.get(name) ?? [], byName)].map(([key, parts]) => ({
      name: key,
      unique: Number(parts[0]?.['many']) === 0,
      columns: parts.map((part) => String(part['c'])),
    }));
    return {
      name,
      columns: new Map(
        rows.map((row) => [
          String(row['c']),
          {
            type: String(row['type']).toUpperCase(),
            length: row['length'] === null ? null : Number(row['length']),
            nullable: row['nullable'] === 'YES',
            default: defaultOf(row['value']),
          },
        ]),
      ),
      primaryKey: grouped.find((key) => key.name === 'PRIMARY')?.columns ?? [],
      unique: grouped.filter((key) => key.unique && key.name !== 'PRIMARY'),
      indexes: grouped.filter((key) => !key.unique),
      foreignKeys: [...groupBy(foreignKeys.get(name) ?? [], byName)].map(([key, parts]) => ({
        name: key,
        columns: parts.map((part) => String(part['c'])),
        references: {
          table: String(parts[0]?.['rt']),
          columns: parts.map((part) => String(part['rc'])),
        },
        onDelete: actionOf(rules.get(`${name}.${key}`)?.['d']),
        onUpdate: actionOf(rules.get(`${name}.${key}`)?.['u']),
      })),
    };
  });
}
