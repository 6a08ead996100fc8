/** Role assignments as answered to clients. Source: Identity API v3, List role assignments. */
import type { Links } from '../../common/http/links.js';
import type { AssignmentNames, NameInDomain, RoleAssignment } from './types.js';

const INHERITED = { 'OS-INHERIT:inherited_to': 'projects' } as const;

/** @param names null: ids alone */
export function presentAssignment(
  links: Links,
  assignment: RoleAssignment,
  names: AssignmentNames | null,
): object {
  const { userId, groupId, projectId, domainId, roleId, source } = assignment;
  const isInherited = assignment.inherited || Boolean(source?.projectId ?? source?.domainId);
  return {
    role: named(roleId, names?.roles),
    ...(userId === null
      ? { group: inDomain(groupId as string, names?.groups) }
      : { user: inDomain(userId, names?.users) }),
    scope: {
      ...(projectId === null
        ? { domain: named(domainId as string, names?.domains) }
        : { project: inDomain(projectId, names?.projects) }),
      ...(isInherited && INHERITED),
    },
    links: linksOf(links, assignment, isInherited),
  };
}

/** Links lead to the grant that an assignment comes from. */
function linksOf(
  links: Links,
  { userId, groupId, projectId, domainId, roleId, source }: RoleAssignment,
  isInherited: boolean,
): object {
  const impliedBy = source?.roleId ?? null;
  const group = groupId ?? source?.groupId ?? null;
  const isOnItself = (source?.projectId ?? source?.domainId ?? null) === null;
  const place = isOnItself ? { projectId, domainId } : source;
  const project = place?.projectId ?? null;
  const target = project === null ? `/domains/${place?.domainId}` : `/projects/${project}`;
  const actor = group === null ? `/users/${userId}` : `/groups/${group}`;
  const grant = `${target}${actor}/roles/${impliedBy ?? roleId}`;
  return {
    assignment: links.v3(isInherited ? `/OS-INHERIT${grant}/inherited_to_projects` : grant),
    ...(userId !== null && group !== null && { membership: links.v3(`/groups/${group}/users/${userId}`) }),
    // No route; Keystone writes it with the two roles in this order.
    ...(impliedBy !== null && { prior_role: links.v3(`/prior_role/${roleId}/implies/${impliedBy}`) }),
  };
}

/** What no longer exists has empty names, so that one of them does not hide the rest of the list. */
function named(id: string, names: ReadonlyMap<string, string> | undefined): object {
  return names === undefined ? { id } : { id, name: names.get(id) ?? '' };
}

function inDomain(id: string, names: ReadonlyMap<string, NameInDomain> | undefined): object {
  if (names === undefined) return { id };
  return { id, ...(names.get(id) ?? { name: '', domain: { id: '', name: '' } }) };
}
