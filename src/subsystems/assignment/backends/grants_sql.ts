/**
 * The statements that list stored grants by what is asked for. As with effective roles, what they cost depends on
 * what they find: with an actor the whole key of the table is used, otherwise the index on targets or on roles. The
 * caller drops what is of another type: a condition on the type alone would lead SQLite to the wrong index.
 */
import type { Dialect } from '../../../common/sql/index.js';
import { actorOf, GIVEN_GROUPS, type GroupSource, kindsOn, LINE, MAX_DEPTH } from './effective_sql.js';
import { NamedStatement } from './named_sql.js';

export interface GrantShape {
  /** `anybody`; one user or group (`user`); or a user with groups. */
  readonly actor: 'anybody' | 'user' | 'group' | 'user and groups';
  /** Where the groups of `user and groups` come from. */
  readonly groups: GroupSource;
  /** `target`: on the target itself; `reaching`: also inherited ones from above. */
  readonly on: 'anything' | 'target' | 'tree' | 'reaching target' | 'reaching tree';
  readonly byRole: boolean;
  readonly inherited: boolean | null;
}

const COLUMNS = {
  type: 'text',
  actor_id: 'text',
  target_id: 'text',
  role_id: 'text',
  inherited: 'boolean',
} as const;

const TREE = `tree (id, depth) AS (
  SELECT p.id, 0 FROM project p WHERE p.id = :target
  UNION ALL SELECT p.id, tree.depth + 1 FROM tree CROSS JOIN project p
    WHERE p.parent_id = tree.id AND tree.depth < ${MAX_DEPTH})`;

/** By `on`: the tables, the one of targets, and the condition on a grant. */
const TARGETS: Readonly<
  Record<
    GrantShape['on'],
    { readonly tables: readonly string[]; readonly from: string; readonly where: readonly string[] }
  >
> = {
  anything: { tables: [], from: '', where: [] },
  target: { tables: [], from: '', where: ['g.target_id = :target'] },
  tree: { tables: [TREE], from: 'tree CROSS JOIN', where: ['g.target_id = tree.id'] },
  'reaching target': {
    tables: [LINE],
    from: 'line CROSS JOIN',
    where: ['g.target_id = line.id', 'g.inherited = (line.depth > 0)'],
  },
  'reaching tree': {
    tables: [
      TREE,
      LINE,
      `reach (id, inherited) AS (SELECT id, FALSE FROM tree UNION ALL SELECT id, TRUE FROM tree
        UNION ALL SELECT id, TRUE FROM line WHERE depth > 0)`,
    ],
    from: 'reach CROSS JOIN',
    where: ['g.target_id = reach.id', 'g.inherited = reach.inherited'],
  },
};

const ONE_ACTOR = { from: '', where: 'g.actor_id = :user' };

/** Values: `target`, `user`, `groups` (when given), `roles`, as the shape needs them; for a group it is `user`. */
export function grantsStatement(
  { actor, groups, on, byRole, inherited }: GrantShape,
  dialect: Dialect,
): NamedStatement<{
  type: string;
  actor_id: string;
  target_id: string;
  role_id: string;
  inherited: boolean;
}> {
  const target = TARGETS[on];
  const common = [
    ...target.where,
    ...(byRole ? ['g.role_id IN (:roles...)'] : []),
    ...(inherited === null ? [] : [`g.inherited = ${inherited ? 'TRUE' : 'FALSE'}`]),
  ];
  const arm = (from: string, conditions: readonly string[]): string =>
    `SELECT g.type, g.actor_id, g.target_id, g.role_id, g.inherited FROM ${target.from} ${from} assignment g
      ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}`;
  const kinds = kindsOn(['Project', 'Domain'], actor === 'user' ? 'none' : groups).filter(
    (kind) => actor !== 'group' || kind.startsWith('Group'),
  );
  const arms =
    actor === 'anybody'
      ? [arm('', common)]
      : kinds.map((kind) => {
          const { from, where } = actor === 'group' ? ONE_ACTOR : actorOf(kind, groups);
          return arm(from, [`g.type = '${kind}'`, where, ...common]);
        });
  const tables = [
    ...(actor === 'user and groups' && groups === 'given' ? [GIVEN_GROUPS] : []),
    ...target.tables,
  ];
  const select = arms.join(' UNION ALL ');
  const text = tables.length === 0 ? select : `WITH RECURSIVE ${tables.join(', ')} ${select}`;
  return NamedStatement.make(text, COLUMNS, dialect);
}

/** All that is beneath any of the `roots`, with the root. */
export function beneathStatement(dialect: Dialect): NamedStatement<{ root: string; id: string }> {
  return NamedStatement.make(
    `WITH RECURSIVE beneath (root, id, depth) AS (
        SELECT p.parent_id, p.id, 1 FROM project p WHERE p.parent_id IN (:roots...)
        UNION ALL SELECT beneath.root, p.id, beneath.depth + 1 FROM beneath CROSS JOIN project p
          WHERE p.parent_id = beneath.id AND beneath.depth < ${MAX_DEPTH})
      SELECT root, id FROM beneath`,
    { root: 'text', id: 'text' },
    dialect,
  );
}

export function membersStatement(dialect: Dialect): NamedStatement<{ group_id: string; user_id: string }> {
  return NamedStatement.make(
    'SELECT group_id, user_id FROM user_group_membership WHERE group_id IN (:groups...)',
    { group_id: 'text', user_id: 'text' },
    dialect,
  );
}
