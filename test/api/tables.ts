/** What is known of the API of the Newton release, as tables under test/fixtures. */
import { readFileSync } from 'node:fs';
import type { HttpMethod } from '../../src/common/http/types.js';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');

/** Rows of a file of tab separated values whose first line names the columns. */
export function readTable<Column extends string>(name: string): Record<Column, string>[] {
  const [head = '', ...lines] = fixture(name).trimEnd().split('\n');
  const columns = head.split('\t');
  return lines.map((line) => {
    const values = line.split('\t');
    return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? ''])) as Record<
      Column,
      string
    >;
  });
}

export function readJson(name: string): unknown {
  return JSON.parse(fixture(name));
}

export interface RouteRow {
  readonly method: HttpMethod | 'ANY';
  readonly path: string;
  /** Policy targets; of several, the request or the stored entity chooses. Empty where Keystone asks no policy. */
  readonly targets: readonly string[];
  readonly protection: 'protected' | 'filter' | 'delegated' | 'none';
  readonly extension: string;
  readonly rel: string;
}

/** Every route under /v3 of Keystone, in the order in which it looks for them. */
export function v3RouteRows(): RouteRow[] {
  type Column = 'method' | 'path' | 'policy_target' | 'protection' | 'extension' | 'json_home_rel';
  return readTable<Column>('routes-v3.tsv').map((row) => ({
    method: row.method as RouteRow['method'],
    path: row.path,
    targets: row.policy_target === '-' ? [] : row.policy_target.split('|'),
    protection: row.protection as RouteRow['protection'],
    extension: row.extension,
    rel: row.json_home_rel,
  }));
}
