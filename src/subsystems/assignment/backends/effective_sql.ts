/**
 * The statements behind effective roles, for SQLite, MariaDB/MySQL and PostgreSQL alike: which roles a user has on a
 * scope, and on which scopes any.
 *
 * What they cost must not depend on how many assignments there are, nor on how many a popular project, domain or
 * group has. So every grant is looked up by its whole key, which begins with the type, in one arm per type; and the
 * few rows of users, groups and ancestors come before the assignments in every join. Left to themselves, databases
 * guess how many rows a common table expression has, and begin with all assignments.
 */
import type { Dialect } from '../../../common/sql/index.js';
import type { GrantKind } from '../types.js';
import { NamedStatement } from './named_sql.js';

/** Where the groups come from: memberships in SQL, a list, or nowhere. */
export type GroupSource = 'own' | 'given' | 'none';

export interface EffectiveOptions {
  readonly scope: 'project' | 'domain';
  readonly groups: GroupSource;
  /** `[os_inherit] enabled` */
  readonly inherit: boolean;
  /** `[token] infer_roles` */
  readonly infer: boolean;
}

/** Ends a walk should a damaged database hold a circle. */
export const MAX_DEPTH = 1000;

/** The given groups that have any assignment. Of a user with hundreds of groups these are few. */
export const GIVEN_GROUPS =
  'given (id) AS (SELECT DISTINCT actor_id FROM assignment WHERE actor_id IN (:groups...))';

/** A project (depth 0) and what is above it, the domain last. */
export const LINE = `line (id, depth) AS (
  SELECT p.id, 0 FROM project p WHERE p.id = :target
  UNION ALL SELECT p.parent_id, line.depth + 1 FROM line CROSS JOIN project p
    WHERE p.id = line.id AND p.parent_id IS NOT NULL AND line.depth < ${MAX_DEPTH})`;

/** What stands before `assignment g` in a join, and which actors it leaves. */
export function actorOf(
  kind: GrantKind,
  groups: GroupSource,
): { readonly from: string; readonly where: string } {
  if (kind === 'UserProject' || kind === 'UserDomain') return { from: '', where: 'g.actor_id = :user' };
  return groups === 'own'
    ? {
        from: 'user_group_membership m CROSS JOIN',
        where: 'm.user_id = :user AND g.actor_id = m.group_id',
      }
    : { from: 'given CROSS JOIN', where: 'g.actor_id = given.id' };
}

/** The kinds of grants to look at, those of groups only when there are any. */
export function kindsOn(scopes: readonly ('Project' | 'Domain')[], groups: GroupSource): GrantKind[] {
  const actors = groups === 'none' ? (['User'] as const) : (['User', 'Group'] as const);
  return scopes.flatMap((scope) => actors.map((actor) => `${actor}${scope}` as const));
}

function withTables(tables: readonly string[], select: string): string {
  return tables.length === 0 ? select : `WITH RECURSIVE ${tables.join(', ')} ${select}`;
}

/** Values: `user`, `target` (the scope's id), `groups` when they are given. */
export function effectiveStatement(
  { scope, groups, inherit, infer }: EffectiveOptions,
  dialect: Dialect,
): NamedStatement<{ id: string; name: string; domain_id: string }> {
  const ofLine = inherit && scope === 'project';
  const granted = (kind: GrantKind): string => {
    const { from, where } = actorOf(kind, groups);
    const domain = kind === 'UserDomain' || kind === 'GroupDomain';
    const inherited = domain ? 'g.inherited = TRUE AND line.depth > 0' : 'g.inherited = (line.depth > 0)';
    return `SELECT g.role_id FROM ${ofLine ? 'line CROSS JOIN' : ''} ${from} assignment g
      WHERE g.type = '${kind}' AND ${where} AND
        ${ofLine ? `g.target_id = line.id AND ${inherited}` : 'g.target_id = :target AND g.inherited = FALSE'}`;
  };
  const kinds = ofLine
    ? kindsOn(['Project', 'Domain'], groups)
    : kindsOn([scope === 'project' ? 'Project' : 'Domain'], groups);
  const tables = [
    ...(groups === 'given' ? [GIVEN_GROUPS] : []),
    ...(ofLine ? [LINE] : []),
    `granted (role_id) AS (${kinds.map(granted).join(' UNION ALL ')})`,
    infer
      ? `effective (role_id) AS (SELECT role_id FROM granted
          UNION SELECT i.implied_role_id FROM effective CROSS JOIN implied_role i
            WHERE i.prior_role_id = effective.role_id)`
      : 'effective (role_id) AS (SELECT DISTINCT role_id FROM granted)',
  ];
  const select =
    'SELECT r.id, r.name, r.domain_id FROM effective CROSS JOIN role r WHERE r.id = effective.role_id';
  return NamedStatement.make(
    withTables(tables, select),
    { id: 'text', name: 'text', domain_id: 'text' },
    dialect,
  );
}

/** Ids of the projects (or domains) on which a user has any effective role. Values: `user`, `groups` when given. */
export function targetsStatement(
  { scope, groups, inherit }: Omit<EffectiveOptions, 'infer'>,
  dialect: Dialect,
): NamedStatement<{ id: string }> {
  const targets = (kind: GrantKind, inherited: 'TRUE' | 'FALSE'): string => {
    const { from, where } = actorOf(kind, groups);
    return `SELECT g.target_id AS id FROM ${from} assignment g
      WHERE g.type = '${kind}' AND ${where} AND g.inherited = ${inherited}`;
  };
  const given = groups === 'given' ? [GIVEN_GROUPS] : [];
  const direct = kindsOn([scope === 'project' ? 'Project' : 'Domain'], groups).map((kind) =>
    targets(kind, 'FALSE'),
  );
  if (!inherit || scope === 'domain') {
    return NamedStatement.make(withTables(given, direct.join(' UNION ')), { id: 'text' }, dialect);
  }
  const roots = kindsOn(['Project', 'Domain'], groups).map((kind) => targets(kind, 'TRUE'));
  const tables = [
    ...given,
    `root (id) AS (${roots.join(' UNION ALL ')})`,
    `beneath (id) AS (SELECT p.id FROM root CROSS JOIN project p WHERE p.parent_id = root.id
      UNION SELECT p.id FROM beneath CROSS JOIN project p WHERE p.parent_id = beneath.id)`,
  ];
  const select = `${direct.join(' UNION ALL ')} UNION SELECT id FROM beneath`;
  return NamedStatement.make(withTables(tables, select), { id: 'text' }, dialect);
}
