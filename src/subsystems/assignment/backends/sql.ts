/** Role assignments in the SQL table `assignment`. */
import { RoleAssignmentNotFound } from '../../../common/errors.js';
import { type AssignmentRow, type Database, DuplicateError } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { AssignmentDriver } from '../driver.js';
import type {
  Actor,
  Actors,
  EffectiveRole,
  Grant,
  GrantKind,
  GrantQuery,
  RoleScope,
  Target,
} from '../types.js';
import { effectiveStatement, type GroupSource, targetsStatement } from './effective_sql.js';
import { beneathStatement, type GrantShape, grantsStatement, membersStatement } from './grants_sql.js';
import type { NamedStatement, Values } from './named_sql.js';

const NO_DOMAIN = '<<null>>';
/** No id is empty. */
const NOBODY = '';

export function createDriver({ conf, database }: DriverContext): AssignmentDriver {
  return new SqlAssignmentDriver(database, conf.os_inherit.enabled, conf.token.infer_roles);
}

/** Statements are made when they are first needed, each shape once. */
class Statements<Shape extends object, Row> {
  private readonly made = new Map<string, NamedStatement<Row>>();

  constructor(private readonly make: (shape: Shape) => NamedStatement<Row>) {}

  get(shape: Shape): NamedStatement<Row> {
    const key = JSON.stringify(shape);
    let statement = this.made.get(key);
    if (statement === undefined) {
      statement = this.make(shape);
      this.made.set(key, statement);
    }
    return statement;
  }
}

class SqlAssignmentDriver implements AssignmentDriver {
  private readonly effective = new Statements((shape: { scope: 'project' | 'domain'; groups: GroupSource }) =>
    effectiveStatement({ ...shape, inherit: this.inherit, infer: this.infer }, this.database.dialect),
  );
  private readonly targets = new Statements((shape: { scope: 'project' | 'domain'; groups: GroupSource }) =>
    targetsStatement({ ...shape, inherit: this.inherit }, this.database.dialect),
  );
  private readonly grants = new Statements((shape: GrantShape) =>
    grantsStatement(shape, this.database.dialect),
  );
  private readonly beneath: ReturnType<typeof beneathStatement>;
  private readonly members: ReturnType<typeof membersStatement>;

  constructor(
    private readonly database: Database,
    private readonly inherit: boolean,
    private readonly infer: boolean,
  ) {
    this.beneath = beneathStatement(database.dialect);
    this.members = membersStatement(database.dialect);
  }

  async createGrant(grant: Grant): Promise<void> {
    const insert = (): Promise<number> => this.database.table('assignment').insert(toRow(grant));
    try {
      // A refused row must not spoil the transaction that the caller may be in.
      await this.database.transaction(() => this.database.savepoint(insert));
    } catch (error) {
      if (!(error instanceof DuplicateError)) throw error;
    }
  }

  async checkGrant(grant: Grant): Promise<void> {
    if ((await this.database.table('assignment').get(toRow(grant))) === null) throw missing(grant);
  }

  async deleteGrant(grant: Grant): Promise<void> {
    if ((await this.database.table('assignment').delete(toRow(grant))) === 0) throw missing(grant);
  }

  async grantedRoleIds(actor: Actor, target: Target, inherited: boolean): Promise<string[]> {
    const { role_id: _role, ...where } = toRow({ ...actor, ...target, inherited, roleId: '' });
    return (await this.database.table('assignment').find({ where })).map((row) => row.role_id);
  }

  async listGrants(query: GrantQuery): Promise<Grant[]> {
    const { shape, values } = asked(query);
    const rows = await this.grants.get(shape).run(this.database, values);
    const scopeKinds = kindsOf(query);
    return rows
      .filter((row) => {
        // What is inherited from above may come from a project or a domain.
        const ofKind = scopeKinds.has(row.type) || (row.inherited && shape.on.startsWith('reaching'));
        return ofKind && (query.roleIds?.has(row.role_id) ?? true);
      })
      .map(fromRow);
  }

  async effectiveRoles(actors: Actors, scope: RoleScope): Promise<EffectiveRole[]> {
    const ofProject = 'projectId' in scope;
    const { groups, values } = valuesOf(actors);
    const target = ofProject ? scope.projectId : scope.domainId;
    const statement = this.effective.get({ scope: ofProject ? 'project' : 'domain', groups });
    const rows = await statement.run(this.database, { ...values, target });
    // A long list of groups is asked in pieces: the same role may come from several.
    const roles = new Map(rows.map((row) => [row.id, row]));
    return [...roles.values()]
      .map(({ id, name, domain_id: domainId }) => ({
        id,
        name,
        domain_id: domainId === NO_DOMAIN ? null : domainId,
      }))
      .sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
  }

  projectIds(actors: Actors): Promise<string[]> {
    return this.targetIds('project', actors);
  }

  domainIds(actors: Actors): Promise<string[]> {
    return this.targetIds('domain', actors);
  }

  async projectsBeneath(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await this.beneath.run(this.database, { roots: ids });
    return grouped(rows.map(({ root, id }) => [root, id]));
  }

  async usersInGroups(groupIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await this.members.run(this.database, { groups: groupIds });
    return grouped(rows.map(({ group_id: groupId, user_id: userId }) => [groupId, userId]));
  }

  async deleteAssignments(where: { roleId?: string; actorId?: string; targetId?: string }): Promise<number> {
    const columns = { role_id: where.roleId, actor_id: where.actorId, target_id: where.targetId };
    return this.database.transaction(async () => {
      // Assignments on the whole system, of later releases, go with their role and their actor.
      if (where.targetId === undefined) await this.database.table('system_assignment').delete(columns);
      return this.database.table('assignment').delete(columns);
    });
  }

  private async targetIds(scope: 'project' | 'domain', actors: Actors): Promise<string[]> {
    const { groups, values } = valuesOf(actors);
    const rows = await this.targets.get({ scope, groups }).run(this.database, values);
    return [...new Set(rows.map((row) => row.id))];
  }
}

function valuesOf({ userId, groups }: Actors): { groups: GroupSource; values: Values } {
  const user = userId ?? NOBODY;
  if (groups === 'own') return { groups: 'own', values: { user } };
  return groups.length === 0
    ? { groups: 'none', values: { user } }
    : { groups: 'given', values: { user, groups } };
}

function asked({ actor, target, roleIds, inherited }: GrantQuery): { shape: GrantShape; values: Values } {
  let who: Pick<GrantShape, 'actor' | 'groups'> = { actor: 'anybody', groups: 'none' };
  let values: Values = {};
  if (actor !== undefined && 'with' in actor) {
    const own = valuesOf(actor.with);
    who = { actor: 'user and groups', groups: own.groups };
    values = own.values;
  } else if (actor !== undefined) {
    const ofUser = 'userId' in actor;
    who = { actor: ofUser ? 'user' : 'group', groups: 'own' };
    values = { user: ofUser ? actor.userId : actor.groupId };
  }
  // Beside an actor or a target the role would only tempt the database to the wrong index.
  const byRole = roleIds !== undefined && actor === undefined && target === undefined;
  return {
    shape: { ...who, on: placeOf(target), byRole, inherited: inherited ?? null },
    values: {
      ...values,
      ...(target !== undefined && { target: 'domainId' in target ? target.domainId : target.projectId }),
      ...(byRole && { roles: [...roleIds] }),
    },
  };
}

function placeOf(target: GrantQuery['target']): GrantShape['on'] {
  if (target === undefined) return 'anything';
  if ('domainId' in target) return 'target';
  const place = target.subtree ? 'tree' : 'target';
  return target.reaching ? `reaching ${place}` : place;
}

const KINDS: readonly GrantKind[] = ['UserProject', 'GroupProject', 'UserDomain', 'GroupDomain'];

/** A project that acts as a domain has the id of that domain: only the kind tells them apart. */
function kindsOf({ target }: GrantQuery): ReadonlySet<string> {
  if (target === undefined) return new Set(KINDS);
  return new Set(KINDS.filter((kind) => kind.endsWith('domainId' in target ? 'Domain' : 'Project')));
}

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function toRow(grant: Grant): AssignmentRow {
  const actor = grant.userId === null ? 'Group' : 'User';
  const target = grant.projectId === null ? 'Domain' : 'Project';
  return {
    type: `${actor}${target}`,
    actor_id: (grant.userId ?? grant.groupId) as string,
    target_id: (grant.projectId ?? grant.domainId) as string,
    role_id: grant.roleId,
    inherited: grant.inherited,
  };
}

function fromRow(row: {
  type: string;
  actor_id: string;
  target_id: string;
  role_id: string;
  inherited: boolean;
}): Grant {
  const ofUser = row.type.startsWith('User');
  const onProject = row.type.endsWith('Project');
  return {
    userId: ofUser ? row.actor_id : null,
    groupId: ofUser ? null : row.actor_id,
    projectId: onProject ? row.target_id : null,
    domainId: onProject ? null : row.target_id,
    roleId: row.role_id,
    inherited: row.inherited,
  };
}

function missing(grant: Grant): Error {
  return new RoleAssignmentNotFound({
    role_id: grant.roleId,
    actor_id: grant.userId ?? grant.groupId,
    target_id: grant.projectId ?? grant.domainId,
  });
}
