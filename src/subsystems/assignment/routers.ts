/** Routes of role assignments: grants on projects and domains, inherited ones (OS-INHERIT), lists of them. */
import { coreRel, extensionRel } from '../../common/http/json_home.js';
import type { Access, ApiRequest, HttpMethod, Route, TargetMembers } from '../../common/http/types.js';
import type { Conf } from '../../conf/index.js';
import type { Providers } from '../providers.js';
import {
  GrantController,
  ROLE_ASSIGNMENT_FILTERS,
  RoleAssignmentController,
  USER_PROJECT_FILTERS,
  UserProjectController,
} from './controllers.js';

export function assignmentRoutes(providers: Providers, conf: Conf): readonly Route[] {
  const grants = new GrantController(providers);
  const userProjects = new UserProjectController(providers);
  const assignments = new RoleAssignmentController(providers);
  const scopes = ['project', 'domain'] as const;
  const actors = ['user', 'group'] as const;
  return [
    {
      method: 'GET',
      path: '/users/{user_id}/projects',
      access: { kind: 'filter', target: 'identity:list_user_projects', filters: USER_PROJECT_FILTERS },
      handler: userProjects.list,
      rel: coreRel('user_projects'),
    },
    ...scopes.flatMap((scope) => actors.flatMap((actor) => grantRoutes(grants, scope, actor))),
    {
      method: 'GET',
      path: '/role_assignments',
      access: {
        kind: 'filter',
        filters: ROLE_ASSIGNMENT_FILTERS,
        members: assignments.target,
        target: {
          oneOf: ['identity:list_role_assignments', 'identity:list_role_assignments_for_tree'],
          choose: (request) =>
            assignments.ofTree(request)
              ? 'identity:list_role_assignments_for_tree'
              : 'identity:list_role_assignments',
        },
      },
      handler: assignments.list,
      rel: coreRel('role_assignments'),
    },
    ...(conf.os_inherit.enabled
      ? scopes.flatMap((scope) => actors.flatMap((actor) => inheritedRoutes(grants, scope, actor)))
      : []),
  ];
}

function grantRoutes(grants: GrantController, scope: 'project' | 'domain', actor: 'user' | 'group'): Route[] {
  const collection = `/${scope}s/{${scope}_id}/${actor}s/{${actor}_id}/roles`;
  return [
    ...memberRoutes(grants, `${collection}/{role_id}`, false, coreRel(`${scope}_${actor}_role`)),
    {
      method: 'GET',
      path: collection,
      access: access('list_grants', grants.target),
      handler: grants.list(false),
      rel: coreRel(`${scope}_${actor}_roles`),
    },
  ];
}

/** Inherited grants; only those on domains can be listed. */
function inheritedRoutes(
  grants: GrantController,
  scope: 'project' | 'domain',
  actor: 'user' | 'group',
): Route[] {
  const roles = `/OS-INHERIT/${scope}s/{${scope}_id}/${actor}s/{${actor}_id}/roles`;
  const name = `${scope}_${actor}_role`;
  const member = memberRoutes(
    grants,
    `${roles}/{role_id}/inherited_to_projects`,
    true,
    extensionRel('OS-INHERIT', `${name}_inherited_to_projects`),
  );
  if (scope === 'project') return member;
  return [
    ...member,
    {
      method: 'GET',
      path: `${roles}/inherited_to_projects`,
      access: access('list_grants', grants.target),
      handler: grants.list(true),
      rel: extensionRel('OS-INHERIT', `${name}s_inherited_to_projects`),
    },
  ];
}

function memberRoutes(
  grants: GrantController,
  path: string,
  inherited: boolean,
  rel: NonNullable<Route['rel']>,
): Route[] {
  const check = access('check_grant', grants.target);
  const route = (method: HttpMethod, allowed: Access, handler: Route['handler']): Route => ({
    method,
    path,
    access: allowed,
    handler,
  });
  return [
    { ...route('GET', check, grants.check(inherited)), rel },
    route('PUT', access('create_grant', grants.target), grants.create(inherited)),
    route('DELETE', access('revoke_grant', grants.targetOfRevocation), grants.revoke(inherited)),
  ];
}

function access(action: string, members: (request: ApiRequest) => Promise<TargetMembers>): Access {
  return { kind: 'protected', target: `identity:${action}`, members };
}
