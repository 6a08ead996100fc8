import { type FoundKey, type FoundTable, groupBy } from './inspect.js';
import type { ReadSession } from './session.js';

const COLUMNS = `SELECT c.relname AS t, a.attname AS c, UPPER(format_type(a.atttypid, a.atttypmod)) AS type,
  NOT a.attnotnull AS nullable, pg_get_expr(d.adbin, d.adrelid) AS value
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY c.relname, a.attnum`;
const NAMES = (numbers: string, table: string): string =>
  `(SELECT string_agg(a.attname, ',' ORDER BY part.o) FROM unnest(${numbers}) WITH ORDINALITY AS part(n, o)
    JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = part.n)`;
const CONSTRAINTS = `SELECT c.relname AS t, k.conname AS name, k.contype AS kind, ${NAMES('k.conkey', 'k.conrelid')} AS columns,
  r.relname AS rt, ${NAMES('k.confkey', 'k.confrelid')} AS rc, k.confdeltype AS d, k.confupdtype AS u
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class r ON r.oid = k.confrelid
  WHERE n.nspname = current_schema() AND k.contype IN ('p', 'u', 'f') ORDER BY c.relname, k.conname`;
const INDEXES = `SELECT c.relname AS t, i.relname AS name, x.indisunique AS single,
  ${NAMES('x.indkey::int2[]', 'x.indrelid')} AS columns
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = current_schema() AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u'))
  ORDER BY c.relname, i.relname`;

const ACTIONS: Readonly<Record<string, string | null>> = { c: 'CASCADE', n: 'SET NULL', d: 'SET DEFAULT' };

export async function inspectPostgres(session: ReadSession): Promise<FoundTable[]> {
  const byTable = (row: Record<string, unknown>): string => String(row['t']);
  const list = (value: unknown): string[] => String(value).split(',');
  const key = (row: Record<string, unknown>): FoundKey => ({
    name: String(row['name']),
    columns: list(row['columns']),
  });
  const columns = groupBy(await session.all(COLUMNS), byTable);
  const constraints = groupBy(await session.all(CONSTRAINTS), byTable);
  const indexes = groupBy(await session.all(INDEXES), byTable);
  return [...columns].map(([name, rows]) => {
    const found = constraints.get(name) ?? [];
    const ofKind = (kind: string): Record<string, unknown>[] => found.filter((row) => row['kind'] === kind);
    const loose = indexes.get(name) ?? [];
    return {
      name,
      columns: new Map(
        rows.map((row) => {
          const type = String(row['type']);
          const length = /\((\d+)\)$/.exec(type)?.[1];
          return [
            String(row['c']),
            {
              type,
              length: length === undefined ? null : Number(length),
              nullable: row['nullable'] === true,
              default: typeof row['value'] === 'string' ? row['value'] : null,
            },
          ];
        }),
      ),
      primaryKey: ofKind('p').flatMap((row) => list(row['columns'])),
      unique: [...ofKind('u'), ...loose.filter((row) => row['single'] === true)].map(key),
      indexes: loose.filter((row) => row['single'] !== true).map(key),
      foreignKeys: ofKind('f').map((row) => ({
        ...key(row),
        references: { table: String(row['rt']), columns: list(row['rc']) },
        onDelete: ACTIONS[String(row['d'])] ?? null,
        onUpdate: ACTIONS[String(row['u'])] ?? null,
      })),
    };
  });
}
