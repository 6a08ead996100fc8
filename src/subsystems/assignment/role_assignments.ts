/**
 * Lists of role assignments, as stored and in effect. What a list costs depends on what it shows: grants are found by
 * index, names and members of groups in one question each, whatever their number.
 * Source: Identity API v3, List role assignments; Keystone 10.0.3 behaviour.
 */
import type { Providers } from '../providers.js';
import type { AssignmentDriver } from './driver.js';
import { expand, Inference } from './expansion.js';
import type {
  Actors,
  AssignmentFilters,
  AssignmentNames,
  Grant,
  GrantQuery,
  NameInDomain,
  RoleAssignment,
} from './types.js';

export interface ListingContext {
  readonly driver: AssignmentDriver;
  readonly providers: Providers;
  /** Whether the groups of a user lie in the same database as the assignments. */
  readonly groupsInStore: boolean;
  /** `[os_inherit] enabled` */
  readonly inherit: boolean;
  /** `[token] infer_roles` */
  readonly infer: boolean;
  actors(userId: string): Promise<Actors>;
}

/**
 * The assignments that meet all filters.
 * @throws UserNotFound, ProjectNotFound for unknown ones when what is in effect is asked for
 */
export async function listAssignments(
  filters: AssignmentFilters,
  context: ListingContext,
): Promise<RoleAssignment[]> {
  if (!context.inherit) {
    if (filters.inherited === true) return [];
    return list({ ...filters, inherited: false }, context);
  }
  return list(filters, context);
}

async function list(filters: AssignmentFilters, context: ListingContext): Promise<RoleAssignment[]> {
  if (filters.effective) return new EffectiveListing(filters, context).list();
  const { userId, groupId, roleId } = filters;
  const actor = actorFilter(userId, groupId);
  return context.driver.listGrants({
    ...(actor !== null && { actor }),
    ...targetFilter(filters, false),
    ...(roleId !== null && { roleIds: new Set([roleId]) }),
    ...(filters.inherited !== null && { inherited: filters.inherited }),
  });
}

function actorFilter(
  userId: string | null,
  groupId: string | null,
): { userId: string } | { groupId: string } | null {
  if (userId !== null) return { userId };
  return groupId === null ? null : { groupId };
}

function targetFilter(filters: AssignmentFilters, reaching: boolean): Pick<GrantQuery, 'target'> {
  const { projectId, domainId, includeSubtree: subtree } = filters;
  if (projectId !== null) return { target: { projectId, subtree, reaching } };
  return domainId === null ? {} : { target: { domainId } };
}

/** What is in effect: groups, inheritance and inference resolved. */
class EffectiveListing {
  constructor(
    private readonly filters: AssignmentFilters,
    private readonly context: ListingContext,
  ) {}

  async list(): Promise<RoleAssignment[]> {
    const { userId, projectId, roleId } = this.filters;
    const { providers, infer } = this.context;
    if (userId !== null) await providers.identity.getUser(userId);
    if (projectId !== null) await providers.resource.getProject(projectId);
    const inference = new Inference(infer ? await providers.role.listRoleInferenceRules() : []);
    const grants = await this.context.driver.listGrants({
      ...(userId !== null && { actor: { with: await this.context.actors(userId) } }),
      ...targetFilter(this.filters, true),
      ...(roleId !== null && { roleIds: inference.priorsOf(roleId) }),
      ...this.inheritedFilter(),
    });
    if (grants.length === 0) return [];
    const [usersOf, projectsOf, globalRoles] = await Promise.all([
      this.users(grants),
      this.projects(grants.filter(({ inherited }) => inherited)),
      this.globalRoles(grants, inference),
    ]);
    const lists = (id: string): boolean => (roleId === null || id === roleId) && globalRoles.has(id);
    return expand(grants, { usersOf, projectsOf, inference, lists });
  }

  /** Domains inherit nothing. */
  private inheritedFilter(): Pick<GrantQuery, 'inherited'> {
    const { inherited, domainId } = this.filters;
    if (domainId !== null) return { inherited: false };
    return inherited === null ? {} : { inherited };
  }

  private async users(grants: readonly Grant[]): Promise<(groupId: string) => readonly string[]> {
    const { userId } = this.filters;
    // All grants found are of groups that the user is in.
    if (userId !== null) return () => [userId];
    const groupIds = [...new Set(grants.flatMap(({ groupId }) => groupId ?? []))];
    const members = await this.members(groupIds);
    return (groupId) => members.get(groupId) ?? [];
  }

  private async members(groupIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const { driver, providers, groupsInStore } = this.context;
    return groupsInStore ? driver.usersInGroups(groupIds) : providers.identity.listUserIdsInGroups(groupIds);
  }

  private async projects(inherited: readonly Grant[]): Promise<(grant: Grant) => readonly string[]> {
    const { driver } = this.context;
    const { projectId, includeSubtree } = this.filters;
    const target = (grant: Grant): string => (grant.projectId ?? grant.domainId) as string;
    if (projectId !== null && !includeSubtree) return () => [projectId];
    const roots = new Set(inherited.map(target));
    if (projectId === null) {
      const beneath = await driver.projectsBeneath([...roots]);
      return (grant) => beneath.get(target(grant)) ?? [];
    }
    // From above it reaches the whole subtree, from within only what is further down.
    const subtree = (await driver.projectsBeneath([projectId])).get(projectId) ?? [];
    const tree = [projectId, ...subtree];
    const within = tree.filter((id) => roots.has(id));
    const beneath = await driver.projectsBeneath(within);
    const isWithin = new Set(within);
    return (grant) => (isWithin.has(target(grant)) ? (beneath.get(target(grant)) ?? []) : tree);
  }

  /** Domain-specific roles are in effect only through what they imply. */
  private async globalRoles(grants: readonly Grant[], inference: Inference): Promise<ReadonlySet<string>> {
    const ids = new Set(grants.map(({ roleId }) => roleId));
    for (const id of ids) for (const rule of inference.rulesFrom(id)) ids.add(rule.implied_role_id);
    const roles = await this.context.providers.role.listRolesFromIds([...ids]);
    return new Set(roles.filter((role) => role.domain_id === null).map((role) => role.id));
  }
}

/** Names of everything that the assignments mention. */
export async function namesOf(
  assignments: readonly RoleAssignment[],
  { identity, resource, role }: Providers,
): Promise<AssignmentNames> {
  const idsOf = (key: 'userId' | 'groupId' | 'projectId' | 'domainId' | 'roleId'): string[] => [
    ...new Set(assignments.flatMap((assignment) => assignment[key] ?? [])),
  ];
  const [users, groups, projects, roles] = await Promise.all([
    identity.usersByIds(idsOf('userId')),
    identity.groupsByIds(idsOf('groupId')),
    inPieces(idsOf('projectId'), (ids) => resource.listProjectsFromIds(ids)),
    role.listRolesFromIds(idsOf('roleId')),
  ]);
  const inDomains = [...users.values(), ...groups.values(), ...projects];
  const domainIds = new Set([...idsOf('domainId'), ...inDomains.flatMap((entity) => entity.domain_id ?? [])]);
  const found = await inPieces([...domainIds], (ids) => resource.listDomainsFromIds(ids));
  const domains = new Map(found.map(({ id, name }) => [id, name]));
  const named = (entities: Iterable<InDomain>): ReadonlyMap<string, NameInDomain> =>
    new Map(
      [...entities].map(({ id, name, domain_id: domainId }) => [
        id,
        { name, domain: { id: domainId, name: domainId === null ? null : (domains.get(domainId) ?? '') } },
      ]),
    );
  return {
    users: named(users.values()),
    groups: named(groups.values()),
    projects: named(projects),
    domains,
    roles: new Map(roles.map(({ id, name }) => [id, name])),
  };
}

interface InDomain {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string | null;
}

/** Most ids in one question. */
const PIECE = 500;

async function inPieces<T>(
  ids: readonly string[],
  ask: (ids: readonly string[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const found: T[] = [];
  for (let start = 0; start < ids.length; start += PIECE) {
    found.push(...(await ask(ids.slice(start, start + PIECE))));
  }
  return found;
}
