/** Role assignments: the rules of the business. Source: Identity API v3, Roles, OS-INHERIT; Keystone 10.0.3. */
import { DomainSpecificRoleMismatch } from '../../common/errors.js';
import type { Hints } from '../../common/hints.js';
import type { Initiator } from '../../common/notifications/index.js';
import type { Domain, Project } from '../resource/types.js';
import type { Role } from '../role/types.js';
import type { ManagerContext } from '../subsystem.js';
import type { AssignmentDriver } from './driver.js';
import { listAssignments, namesOf } from './role_assignments.js';
import type {
  Actors,
  AssignmentFilters,
  AssignmentNames,
  EffectiveRole,
  Grant,
  RoleAssignment,
  RoleScope,
} from './types.js';

export class AssignmentManager {
  /** Whether the groups of a user lie in the same database as the assignments. */
  private readonly groupsInStore: boolean;

  constructor(
    private readonly driver: AssignmentDriver,
    private readonly context: ManagerContext,
  ) {
    const { identity } = context.conf;
    this.groupsInStore = identity.driver === 'sql' && !identity.domain_specific_drivers_enabled;
    const { notifications } = context;
    notifications.on('user', 'deleted', (event) => this.deleteUserAssignments(event.id));
    notifications.on('group', 'deleted', (event) => this.deleteGroupAssignments(event.id));
  }

  /**
   * The global roles in effect for a user on a scope: granted directly, through groups, inherited from above, and
   * implied by any of these. Domain-specific roles count only through what they imply.
   * @param groupIds groups beside those that the user is a member of (federation)
   */
  async effectiveRoles(
    userId: string,
    scope: RoleScope,
    groupIds: readonly string[],
  ): Promise<readonly { readonly id: string; readonly name: string }[]> {
    const roles = await this.driver.effectiveRoles(await this.actors(userId, groupIds), scope);
    return roles.filter((role) => role.domain_id === null).map(({ id, name }) => ({ id, name }));
  }

  /** As effectiveRoles, domain-specific roles included. */
  async allEffectiveRoles(userId: string, scope: RoleScope): Promise<EffectiveRole[]> {
    return this.driver.effectiveRoles(await this.actors(userId, []), scope);
  }

  /** Filters are left to the caller: what is listed is bounded by the user's own assignments. */
  async listProjectsForUser(userId: string, _hints: Hints): Promise<Project[]> {
    return this.projects(await this.actors(userId, []));
  }

  async listDomainsForUser(userId: string): Promise<Domain[]> {
    return this.domains(await this.actors(userId, []));
  }

  /** Enabled projects that a caller may scope to. */
  async listProjectsForCaller(userId: string | null, groupIds: readonly string[]): Promise<Project[]> {
    const projects = await this.projects(await this.callerActors(userId, groupIds));
    return projects.filter((project) => project.enabled);
  }

  /** Enabled domains that a caller may scope to. */
  async listDomainsForCaller(userId: string | null, groupIds: readonly string[]): Promise<Domain[]> {
    const domains = await this.domains(await this.callerActors(userId, groupIds));
    return domains.filter((domain) => domain.enabled);
  }

  /**
   * Role assignments that meet all filters; `names` is null unless they were asked for.
   * @throws UserNotFound, ProjectNotFound for unknown ones when what is in effect is asked for
   */
  async listRoleAssignments(
    filters: AssignmentFilters,
  ): Promise<{ assignments: readonly RoleAssignment[]; names: AssignmentNames | null }> {
    const { conf, providers } = this.context;
    const assignments = await listAssignments(filters, {
      driver: this.driver,
      providers,
      groupsInStore: this.groupsInStore,
      inherit: conf.os_inherit.enabled,
      infer: conf.token.infer_roles,
      actors: (userId) => this.actors(userId, []),
    });
    return { assignments, names: filters.includeNames ? await namesOf(assignments, providers) : null };
  }

  /** @throws RoleNotFound, ProjectNotFound, DomainNotFound; DomainSpecificRoleMismatch for another domain's project */
  async createGrant(grant: Grant, initiator: Initiator | null): Promise<void> {
    await this.context.transaction(async () => {
      const { role, project } = await this.parts(grant);
      if (role.domain_id !== null && project !== null && project.domain_id !== role.domain_id) {
        throw new DomainSpecificRoleMismatch({ role_id: role.id, project_id: project.id });
      }
      await this.driver.createGrant(grant);
      await this.announce('created', grant, initiator);
    });
  }

  /** @throws RoleNotFound, ProjectNotFound, DomainNotFound, RoleAssignmentNotFound */
  async checkGrant(grant: Grant): Promise<void> {
    await this.parts(grant);
    await this.driver.checkGrant(grant);
  }

  /** Roles granted to an actor on a target. */
  async listGrants(grant: Omit<Grant, 'roleId'>): Promise<Role[]> {
    const { resource, role } = this.context.providers;
    if (grant.domainId !== null) await resource.getDomain(grant.domainId);
    if (grant.projectId !== null) await resource.getProject(grant.projectId);
    return role.listRolesFromIds(await this.driver.grantedRoleIds(grant, grant, grant.inherited));
  }

  /**
   * Take a role away; tokens that rely on it stop working.
   * @throws RoleNotFound, ProjectNotFound, DomainNotFound, RoleAssignmentNotFound
   */
  async deleteGrant(grant: Grant, initiator: Initiator | null): Promise<void> {
    const { identity } = this.context.providers;
    // A directory may be slow to answer: it is asked before the transaction.
    const userIds =
      grant.userId === null ? await identity.listUserIdsInGroup(grant.groupId as string) : [grant.userId];
    await this.context.transaction(async () => {
      const { project } = await this.parts(grant);
      await this.driver.deleteGrant(grant);
      await this.revokeTokens(grant, project, userIds);
      await this.announce('deleted', grant, initiator);
    });
  }

  async deleteRoleAssignments(roleId: string): Promise<void> {
    await this.driver.deleteAssignments({ roleId });
  }

  async deleteUserAssignments(userId: string): Promise<void> {
    await this.driver.deleteAssignments({ actorId: userId });
  }

  async deleteGroupAssignments(groupId: string): Promise<void> {
    await this.driver.deleteAssignments({ actorId: groupId });
  }

  async deleteProjectAssignments(projectId: string): Promise<void> {
    await this.driver.deleteAssignments({ targetId: projectId });
  }

  async deleteDomainAssignments(domainId: string): Promise<void> {
    await this.driver.deleteAssignments({ targetId: domainId });
  }

  private async parts(grant: Grant): Promise<{ role: Role; project: Project | null }> {
    const { resource, role } = this.context.providers;
    const granted = await role.getRole(grant.roleId);
    if (grant.domainId !== null) await resource.getDomain(grant.domainId);
    return {
      role: granted,
      project: grant.projectId === null ? null : await resource.getProject(grant.projectId),
    };
  }

  /**
   * End the tokens of users that may rely on a grant: those for its project; for a grant on a domain and for
   * inherited ones those for everything in the domain.
   */
  private async revokeTokens(
    { roleId, domainId, inherited }: Grant,
    project: Project | null,
    userIds: readonly string[],
  ): Promise<void> {
    let scope: { projectId: string } | { domainId: string };
    if (project === null) scope = { domainId: domainId as string };
    else scope = inherited ? { domainId: project.domain_id ?? project.id } : { projectId: project.id };
    await this.context.providers.revoke.revokeMany(userIds.map((userId) => ({ userId, roleId, ...scope })));
  }

  private announce(
    operation: 'created' | 'deleted',
    grant: Grant,
    initiator: Initiator | null,
  ): Promise<void> {
    const { inherited, ...rest } = grant;
    return this.context.notifications.roleAssignment({
      ...rest,
      inheritedToProjects: inherited,
      operation,
      initiator,
    });
  }

  private async actors(userId: string, groupIds: readonly string[]): Promise<Actors> {
    if (this.groupsInStore && groupIds.length === 0) return { userId, groups: 'own' };
    const own = await this.context.providers.identity.listGroupIdsForUser(userId);
    return { userId, groups: [...own, ...groupIds] };
  }

  private callerActors(userId: string | null, groupIds: readonly string[]): Promise<Actors> | Actors {
    return userId === null ? { userId, groups: groupIds } : this.actors(userId, groupIds);
  }

  private async projects(actors: Actors): Promise<Project[]> {
    const ids = await this.driver.projectIds(actors);
    return this.context.providers.resource.listProjectsFromIds(ids);
  }

  private async domains(actors: Actors): Promise<Domain[]> {
    return this.context.providers.resource.listDomainsFromIds(await this.driver.domainIds(actors));
  }
}
