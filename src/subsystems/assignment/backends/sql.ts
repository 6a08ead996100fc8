/** Role assignments in the SQL table `assignment`. */
import { RoleAssignmentNotFound } from '../../../common/errors.js';
import {
  type AssignmentRow,
  type Database,
  DuplicateError,
  type PreparedSql,
  type SqlParameter,
  type Where,
} from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { Actors, AssignmentDriver } from '../driver.js';
import type { Actor, EffectiveRole, Grant, GrantQuery, RoleScope, Target } from '../types.js';
import { type EffectiveRow, effectiveStatement, targetsStatement } from './effective_sql.js';

const NO_DOMAIN = '<<null>>';

type Statements<Row> = Readonly<
  Record<'project' | 'domain', Readonly<Record<'user' | 'list', PreparedSql<Row>>>>
>;

export function createDriver({ conf, database }: DriverContext): AssignmentDriver {
  return new SqlAssignmentDriver(database, conf.os_inherit.enabled, conf.token.infer_roles);
}

class SqlAssignmentDriver implements AssignmentDriver {
  private readonly effective: Statements<EffectiveRow>;
  private readonly targets: Statements<{ id: string }>;

  constructor(
    private readonly database: Database,
    private readonly inherit: boolean,
    infer: boolean,
  ) {
    const both = <Row>(
      make: (scope: 'project' | 'domain', actors: 'user' | 'list') => PreparedSql<Row>,
    ): Statements<Row> => ({
      project: { user: make('project', 'user'), list: make('project', 'list') },
      domain: { user: make('domain', 'user'), list: make('domain', 'list') },
    });
    this.effective = both((scope, actors) => effectiveStatement({ scope, actors, inherit, infer }));
    this.targets = both((scope, actors) => targetsStatement({ scope, actors, inherit }));
  }

  async createGrant(grant: Grant): Promise<void> {
    try {
      await this.database.table('assignment').insert(toRow(grant));
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
    const { actorIds, targetIds } = query;
    if (actorIds?.length === 0 || targetIds?.length === 0) return [];
    const where: Where<AssignmentRow> = {
      actor_id: actorIds,
      target_id: targetIds,
      role_id: query.roleId,
      inherited: query.inherited,
      type: query.kinds,
    };
    const rows = await this.database.table('assignment').find({ where });
    return rows.map(fromRow);
  }

  async effectiveRoles(actors: Actors, scope: RoleScope): Promise<EffectiveRole[]> {
    const [kind, id] =
      'projectId' in scope ? (['project', scope.projectId] as const) : (['domain', scope.domainId] as const);
    const rows = await this.database.query(this.effective[kind][variant(actors)], [
      ...actorParameters(actors),
      ...(kind === 'project' && this.inherit ? [id] : []),
      id,
    ]);
    // A long list of actors is asked in pieces: the same role may come from several.
    const roles = new Map(rows.map((row) => [row.id, row]));
    return [...roles.values()].map(({ id: roleId, name, domain_id: domainId }) => ({
      id: roleId,
      name,
      domain_id: domainId === NO_DOMAIN ? null : domainId,
    }));
  }

  projectIds(actors: Actors): Promise<string[]> {
    return this.targetIds('project', actors);
  }

  domainIds(actors: Actors): Promise<string[]> {
    return this.targetIds('domain', actors);
  }

  deleteAssignments(where: { roleId?: string; actorId?: string; targetId?: string }): Promise<number> {
    return this.database
      .table('assignment')
      .delete({ role_id: where.roleId, actor_id: where.actorId, target_id: where.targetId });
  }

  private async targetIds(kind: 'project' | 'domain', actors: Actors): Promise<string[]> {
    const rows = await this.database.query(this.targets[kind][variant(actors)], actorParameters(actors));
    return [...new Set(rows.map((row) => row.id))];
  }
}

function variant(actors: Actors): 'user' | 'list' {
  return 'userWithGroups' in actors ? 'user' : 'list';
}

function actorParameters(actors: Actors): SqlParameter[] {
  return 'userWithGroups' in actors ? [actors.userWithGroups, actors.userWithGroups] : [actors.ids];
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

function fromRow(row: AssignmentRow): Grant {
  const ofUser = row.type === 'UserProject' || row.type === 'UserDomain';
  const onProject = row.type === 'UserProject' || row.type === 'GroupProject';
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
