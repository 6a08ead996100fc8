/**
 * Attributes beyond the columns of a table live as one JSON object in its `extra` column, as Keystone keeps them.
 */
import { isRecord } from '../record.js';

/** Split an entity into its columns and the text of `extra`. Attributes that are undefined are left out. */
export function packExtra<Column extends string>(
  entity: Readonly<Record<string, unknown>>,
  columns: readonly Column[],
): { columns: Partial<Record<Column, unknown>>; extra: string } {
  const own: Partial<Record<Column, unknown>> = {};
  const extra: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entity)) {
    if (value === undefined) continue;
    if ((columns as readonly string[]).includes(name)) own[name as Column] = value;
    else extra[name] = value;
  }
  return { columns: own, extra: JSON.stringify(extra) };
}

/** The attributes in an `extra` column; broken or foreign content counts as none. */
export function unpackExtra(text: string | null): Record<string, unknown> {
  if (text === null || text === '' || text === '{}') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  return isRecord(value) ? value : {};
}
