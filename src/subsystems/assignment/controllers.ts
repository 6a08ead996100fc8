/** HTTP ↔ manager for grants and for the projects of a user. */
import { NotFound, ValidationError } from '../../common/errors.js';
import { wrapCollection } from '../../common/http/links.js';
import { finishList } from '../../common/http/list.js';
import { buildHints } from '../../common/http/query.js';
import { noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult, Handler, TargetMembers } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { Providers } from '../providers.js';
import { presentAssignment } from './presenter.js';
import type { AssignmentFilters, Grant } from './types.js';

export const USER_PROJECT_FILTERS = ['domain_id', 'enabled', 'name'] as const;
export const ROLE_ASSIGNMENT_FILTERS = [
  'group.id',
  'role.id',
  'scope.domain.id',
  'scope.project.id',
  'scope.OS-INHERIT:inherited_to',
  'user.id',
] as const;

export class GrantController {
  constructor(private readonly providers: Providers) {}

  /** The entities of a grant, for `target.role`, `target.user` and so on. @throws NotFound when one is missing */
  target = async (request: ApiRequest): Promise<TargetMembers> => {
    const { identity } = this.providers;
    const { user_id: userId, group_id: groupId } = request.params;
    return {
      ...(await this.roleAndScope(request)),
      ...(userId === undefined
        ? { group: await identity.getGroup(groupId as string) }
        : { user: await identity.getUser(userId) }),
    };
  };

  /** As `target`, but a user or group that is gone is no obstacle: what it was granted can still be cleaned up. */
  targetOfRevocation = async (request: ApiRequest): Promise<TargetMembers> => {
    try {
      return await this.target(request);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      return this.roleAndScope(request);
    }
  };

  create =
    (inherited: boolean): Handler =>
    async (request) => {
      // The admin token passes without a look at the entities: nothing may be granted to nobody all the same.
      if (request.context.isAdmin) await this.target(request);
      await this.providers.assignment.createGrant(grantOf(request, inherited), initiatorOf(request));
      return noContent();
    };

  check =
    (inherited: boolean): Handler =>
    async (request) => {
      await this.providers.assignment.checkGrant(grantOf(request, inherited));
      return noContent();
    };

  revoke =
    (inherited: boolean): Handler =>
    async (request) => {
      await this.providers.assignment.deleteGrant(grantOf(request, inherited), initiatorOf(request));
      return noContent();
    };

  list =
    (inherited: boolean): Handler =>
    async (request) => {
      const roles = await this.providers.assignment.listGrants(grantOf(request, inherited));
      return ok(wrapCollection(request.links, 'roles', '/roles', roles, false));
    };

  private async roleAndScope(request: ApiRequest): Promise<TargetMembers> {
    const { role, resource } = this.providers;
    const { role_id: roleId, domain_id: domainId, project_id: projectId } = request.params;
    return {
      ...(roleId !== undefined && { role: await role.getRole(roleId) }),
      ...(domainId === undefined
        ? { project: await resource.getProject(projectId as string) }
        : { domain: await resource.getDomain(domainId) }),
    };
  }
}

export class UserProjectController {
  constructor(private readonly providers: Providers) {}

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, USER_PROJECT_FILTERS);
    const userId = request.params['user_id'] as string;
    await this.providers.identity.getUser(userId);
    const projects = await this.providers.assignment.listProjectsForUser(userId, hints);
    const { entities, truncated } = finishList(hints, projects);
    return ok(wrapCollection(request.links, 'projects', '/projects', entities, truncated));
  };
}

export class RoleAssignmentController {
  constructor(private readonly providers: Providers) {}

  /** Whether the projects beneath the one asked for are meant as well: then another policy target decides. */
  ofTree = (request: ApiRequest): boolean => request.query.flag('include_subtree');

  /** The project of the filter, whose domain the rule for trees asks for. @throws ProjectNotFound */
  target = async (request: ApiRequest): Promise<TargetMembers> => {
    const projectId = filter(request, 'scope.project.id');
    if (!this.ofTree(request) || projectId === null) return {};
    return { project: await this.providers.resource.getProject(projectId) };
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const { assignments, names } = await this.providers.assignment.listRoleAssignments(filtersOf(request));
    return ok({
      role_assignments: assignments.map((assignment) => presentAssignment(request.links, assignment, names)),
      links: { next: null, previous: null, self: request.links.self },
    });
  };
}

function filter(request: ApiRequest, name: (typeof ROLE_ASSIGNMENT_FILTERS)[number]): string | null {
  const value = request.query.get(name);
  return value === undefined || value === '' ? null : value;
}

/** @throws ValidationError for filters that exclude each other */
function filtersOf(request: ApiRequest): AssignmentFilters {
  const { query } = request;
  const inheritedTo = query.get('scope.OS-INHERIT:inherited_to');
  const filters: AssignmentFilters = {
    roleId: filter(request, 'role.id'),
    userId: filter(request, 'user.id'),
    groupId: filter(request, 'group.id'),
    projectId: filter(request, 'scope.project.id'),
    domainId: filter(request, 'scope.domain.id'),
    inherited: inheritedTo === undefined ? null : inheritedTo === 'projects',
    effective: query.flag('effective'),
    includeNames: query.flag('include_names'),
    includeSubtree: query.flag('include_subtree'),
  };
  const { userId, groupId, projectId, domainId, inherited, effective, includeSubtree } = filters;
  const refusals: readonly [boolean, string][] = [
    [
      includeSubtree && projectId === null,
      'scope.project.id must be specified if include_subtree is also specified',
    ],
    [domainId !== null && projectId !== null, 'Specify a domain or project, not both'],
    [userId !== null && groupId !== null, 'Specify a user or group, not both'],
    [
      effective && groupId !== null,
      'Combining effective and group filter will always result in an empty list.',
    ],
    [
      effective && inherited === true && domainId !== null,
      'Combining effective, domain and inherited filters will always result in an empty list.',
    ],
  ];
  for (const [refused, text] of refusals) if (refused) throw new ValidationError(text);
  return filters;
}

function grantOf(request: ApiRequest, inherited: boolean): Grant {
  const {
    role_id: roleId,
    user_id: userId,
    group_id: groupId,
    project_id: projectId,
    domain_id: domainId,
  } = request.params;
  return {
    roleId: roleId ?? '',
    userId: userId ?? null,
    groupId: groupId ?? null,
    projectId: projectId ?? null,
    domainId: domainId ?? null,
    inherited,
  };
}
