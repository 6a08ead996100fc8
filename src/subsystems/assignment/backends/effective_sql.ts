/**
 * The statements behind effective roles: direct and inherited grants of a set of actors on a scope, and the roles
 * implied by them, in one round trip. Written for SQLite, MariaDB/MySQL 8 and PostgreSQL alike.
 */
import { type PreparedSql, prepareSql } from '../../../common/sql/index.js';

export interface EffectiveOptions {
  readonly scope: 'project' | 'domain';
  /** `user`: the user and the groups of the user in SQL; `list`: the given ids. */
  readonly actors: 'user' | 'list';
  /** `[os_inherit] enabled` */
  readonly inherit: boolean;
  /** `[token] infer_roles` */
  readonly infer: boolean;
}

export interface EffectiveRow {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string;
}

/** Ends the walk should a damaged database hold a circle. */
const MAX_DEPTH = 1000;

const ANCESTORS = `ancestor (id, depth) AS (
    SELECT parent_id, 1 FROM project WHERE id = ?
    UNION ALL SELECT p.parent_id, a.depth + 1 FROM project p JOIN ancestor a ON p.id = a.id
      WHERE a.depth < ${MAX_DEPTH})`;

const ACTORS = {
  user: `actor (id) AS (SELECT u.id FROM "user" u WHERE u.id = ?
    UNION ALL SELECT m.group_id FROM user_group_membership m WHERE m.user_id = ?)`,
  list: 'actor (id) AS (SELECT DISTINCT actor_id FROM assignment WHERE actor_id IN (??))',
};

/**
 * Parameters, in order: the actors (`user`: the user's id twice; `list`: the list), then for a project with
 * inheritance its id, then the scope's id.
 */
export function effectiveStatement({
  scope,
  actors,
  inherit,
  infer,
}: EffectiveOptions): PreparedSql<EffectiveRow> {
  const types = scope === 'project' ? `'UserProject', 'GroupProject'` : `'UserDomain', 'GroupDomain'`;
  const inherits = inherit && scope === 'project';
  const granted = `granted (role_id) AS (
    SELECT g.role_id FROM assignment g JOIN actor ON g.actor_id = actor.id
      WHERE g.target_id = ? AND g.inherited = FALSE AND g.type IN (${types})
    ${
      inherits
        ? `UNION SELECT g.role_id FROM assignment g JOIN actor ON g.actor_id = actor.id
             JOIN ancestor ON g.target_id = ancestor.id WHERE g.inherited = TRUE`
        : ''
    })`;
  const effective = infer
    ? `effective (role_id) AS (SELECT role_id FROM granted
       UNION SELECT i.implied_role_id FROM implied_role i JOIN effective e ON i.prior_role_id = e.role_id)`
    : 'effective (role_id) AS (SELECT role_id FROM granted)';
  const tables = [ACTORS[actors], ...(inherits ? [ANCESTORS] : []), granted, effective].join(', ');
  return prepareSql({
    text: `WITH RECURSIVE ${tables}
      SELECT DISTINCT r.id, r.name, r.domain_id FROM role r JOIN effective e ON r.id = e.role_id ORDER BY r.name, r.id`,
    columns: { id: 'text', name: 'text', domain_id: 'text' },
  });
}

/** Ids of projects (or domains) on which a set of actors has any effective role. */
export function targetsStatement(
  options: Pick<EffectiveOptions, 'scope' | 'actors' | 'inherit'>,
): PreparedSql<{ id: string }> {
  const { scope, actors, inherit } = options;
  const types = scope === 'project' ? `'UserProject', 'GroupProject'` : `'UserDomain', 'GroupDomain'`;
  const direct = `SELECT g.target_id AS id FROM assignment g JOIN actor ON g.actor_id = actor.id
    WHERE g.inherited = FALSE AND g.type IN (${types})`;
  const beneath = `beneath (id, depth) AS (
      SELECT p.id, 1 FROM project p JOIN assignment g ON p.parent_id = g.target_id
        JOIN actor ON g.actor_id = actor.id WHERE g.inherited = TRUE
      UNION ALL SELECT p.id, b.depth + 1 FROM project p JOIN beneath b ON p.parent_id = b.id
        WHERE b.depth < ${MAX_DEPTH})`;
  const inherits = inherit && scope === 'project';
  return prepareSql({
    text: `WITH RECURSIVE ${ACTORS[actors]}${inherits ? `, ${beneath}` : ''}
      ${direct}${inherits ? ' UNION SELECT id FROM beneath' : ''}`,
    columns: { id: 'text' },
  });
}
