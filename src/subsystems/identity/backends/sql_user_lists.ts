/**
 * Lists of users: one statement, with a part for each place where names lie, so that every part runs on the indexes
 * of its own table and a limit ends the search early.
 */
import { Hints } from '../../../common/hints.js';

import {
  cutToLimit,
  type Database,
  type FilterColumn,
  filterSql,
  limitOf,
  type PreparedSql,
  prepareSql,
  type SqlValue,
} from '../../../common/sql/index.js';
import type { User } from '../types.js';
import {
  type Activity,
  CURRENT_PASSWORD,
  domainOf,
  toUser,
  USER_COLUMNS,
  type UserResult,
} from './sql_select.js';

/** Where names lie. */
interface Source {
  /** Columns of the name and of the domain; null for users who have no name. */
  readonly name: string | null;
  readonly domain: string;
  readonly userId: string;
  readonly expiry: string;
  readonly from: string;
  readonly where: readonly string[];
}

const NO_EXPIRY = 'NULL AS expires_at, NULL AS expires_at_int';
const notIn = (table: string): string => `NOT EXISTS (SELECT 1 FROM ${table} x WHERE x.user_id = u.id)`;

const LOCAL: Source = {
  name: 'l.name',
  domain: 'l.domain_id',
  userId: 'l.user_id',
  expiry: 'p.expires_at, p.expires_at_int',
  from: `local_user l JOIN "user" u ON u.id = l.user_id LEFT JOIN ${CURRENT_PASSWORD}`,
  where: [],
};
const NONLOCAL: Source = {
  name: 'n.name',
  domain: 'n.domain_id',
  userId: 'n.user_id',
  expiry: NO_EXPIRY,
  from: 'nonlocal_user n JOIN "user" u ON u.id = n.user_id',
  where: [notIn('local_user')],
};
const FEDERATED: Source = {
  name: 'f.display_name',
  domain: 'u.domain_id',
  userId: 'f.user_id',
  expiry: NO_EXPIRY,
  // CROSS JOIN keeps SQLite to the order of the tables: it would begin with all users of the domain.
  from: 'federated_user f CROSS JOIN "user" u',
  where: [
    'u.id = f.user_id',
    'f.id = (SELECT MIN(g.id) FROM federated_user g WHERE g.user_id = f.user_id)',
    notIn('local_user'),
    notIn('nonlocal_user'),
  ],
};
/** Users whose identity provider was deleted: only a search of the whole table finds them. */
const NAMELESS: Source = {
  name: null,
  domain: 'u.domain_id',
  userId: 'u.id',
  expiry: NO_EXPIRY,
  from: '"user" u',
  where: [notIn('local_user'), notIn('nonlocal_user'), notIn('federated_user')],
};

interface Part {
  readonly text: string;
  readonly parameters: readonly SqlValue[];
  readonly filters: Hints;
}

export class SqlUserLists {
  private readonly named: readonly Source[];
  /** Statements without inexact filters, by text: a handful. */
  private readonly kept = new Map<string, PreparedSql<UserResult>>();

  constructor(
    private readonly database: Database,
    private readonly activity: Activity,
    hidesShadows: boolean,
  ) {
    this.named = hidesShadows ? [LOCAL, FEDERATED] : [LOCAL, NONLOCAL, FEDERATED];
  }

  /** @param groupId only members of this group; null means all users */
  async list(hints: Hints, groupId: string | null): Promise<User[]> {
    const named = hints.filters.some(({ name }) => name === 'name' || name === 'domain_id');
    const sources = named ? this.named : [...this.named, NAMELESS];
    const parts = sources.map((source) => this.part(source, hints, groupId));
    // All parts have the same columns to filter on: what the first has done, all have.
    for (const [position, filter] of hints.filters.entries()) {
      filter.satisfied = parts[0]?.filters.filters[position]?.satisfied ?? false;
    }
    const limit = limitOf(hints);
    const text = [
      parts.map((part) => part.text).join(' UNION ALL '),
      limit === null ? '' : `LIMIT ${limit}`,
    ].join(' ');
    const statement = this.statement(text, hints);
    const rows = await this.database.query(
      statement,
      parts.flatMap(({ parameters }) => parameters),
    );
    return cutToLimit(rows, hints).map(toUser);
  }

  private part(source: Source, hints: Hints, groupId: string | null): Part {
    const { activity, database } = this;
    const parameters: SqlValue[] = activity.parameters();
    const where = [...source.where];
    let { from } = source;
    if (groupId !== null) {
      from = `user_group_membership m CROSS JOIN ${from}`;
      where.push(`${source.userId} = m.user_id`, 'm.group_id = ?');
      parameters.push(groupId);
    }
    const filters = new Hints();
    filters.filters.push(...hints.filters.map((filter) => ({ ...filter })));
    const columns: Record<string, FilterColumn> = {
      name: { sql: source.name ?? 'NULL', kind: 'varchar' },
      domain_id: { sql: source.domain, kind: 'varchar' },
      // Where idleness counts too, the caller looks at what came of it.
      ...(activity.mostDays === null && { enabled: { sql: activity.enabled, kind: 'boolean' } }),
    };
    const filter = filterSql(filters, columns, database.dialect);
    if (filter.text !== '') where.push(filter.text);
    parameters.push(...filter.parameters);
    const text = `SELECT u.id, ${source.name ?? 'NULL'} AS name,
      ${domainOf(source.domain)} AS domain_id,
      ${activity.enabled} AS enabled, u.default_project_id, u.extra, ${source.expiry} FROM ${from}
      ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`}`;
    return { text, parameters, filters };
  }

  private statement(text: string, hints: Hints): PreparedSql<UserResult> {
    if (hints.filters.some(({ comparator, value }) => comparator !== 'equals' || value === null)) {
      return prepareSql({ text, columns: USER_COLUMNS, once: true });
    }
    let statement = this.kept.get(text);
    if (statement === undefined) {
      statement = prepareSql({ text, columns: USER_COLUMNS });
      this.kept.set(text, statement);
    }
    return statement;
  }
}
