/**
 * From grants to what is in effect: grants to groups become their members', inherited ones those on the projects
 * beneath, and every role brings along what it implies. Source: Identity API v3, List role assignments, `effective`.
 */
import type { ImpliedRole } from '../role/types.js';
import type { Grant, RoleAssignment, Source } from './types.js';

/** What is implied by a role, however many rules away, each with the role that implies it directly. */
export class Inference {
  private readonly implied = new Map<string, string[]>();
  private readonly implying = new Map<string, string[]>();

  constructor(rules: readonly ImpliedRole[]) {
    for (const { prior_role_id: prior, implied_role_id: implied } of rules) {
      add(this.implied, prior, implied);
      add(this.implying, implied, prior);
    }
  }

  /** The rules that a role sets off, each once, also where rules of an old database go in circles. */
  rulesFrom(roleId: string): ImpliedRole[] {
    const rules: ImpliedRole[] = [];
    const reached = new Set([roleId]);
    for (const prior of reached) {
      for (const implied of this.implied.get(prior) ?? []) {
        rules.push({ prior_role_id: prior, implied_role_id: implied });
        reached.add(implied);
      }
    }
    return rules;
  }

  /** The role and all that imply it. */
  priorsOf(roleId: string): ReadonlySet<string> {
    const reached = new Set([roleId]);
    for (const implied of reached) for (const prior of this.implying.get(implied) ?? []) reached.add(prior);
    return reached;
  }
}

export interface ExpansionRules {
  /** The users for whom a group's grant is listed. */
  readonly usersOf: (groupId: string) => readonly string[];
  /** The projects on which an inherited grant is listed. */
  readonly projectsOf: (grant: Grant) => readonly string[];
  readonly inference: Inference;
  /** Whether an assignment of the role is to be listed. */
  readonly lists: (roleId: string) => boolean;
}

/** A role that a grant brings, with the role that implies it. */
interface Brought {
  readonly roleId: string;
  readonly by: string | null;
}

export function expand(grants: readonly Grant[], rules: ExpansionRules): RoleAssignment[] {
  const roles = new Map<string, readonly Brought[]>();
  const assignments: RoleAssignment[] = [];
  for (const grant of grants) {
    let brought = roles.get(grant.roleId);
    if (brought === undefined) {
      brought = broughtBy(grant.roleId, rules);
      roles.set(grant.roleId, brought);
    }
    if (brought.length === 0) continue;
    for (const assignment of expandOne(grant, brought, rules)) assignments.push(assignment);
  }
  return assignments;
}

function broughtBy(roleId: string, { inference, lists }: ExpansionRules): Brought[] {
  const implied = inference
    .rulesFrom(roleId)
    .map((rule) => ({ roleId: rule.implied_role_id, by: rule.prior_role_id }));
  return [{ roleId, by: null }, ...implied].filter((role) => lists(role.roleId));
}

function* expandOne(
  grant: Grant,
  brought: readonly Brought[],
  rules: ExpansionRules,
): Iterable<RoleAssignment> {
  const users = grant.userId === null ? rules.usersOf(grant.groupId as string) : [grant.userId];
  const places: readonly Pick<Grant, 'projectId' | 'domainId'>[] = grant.inherited
    ? rules.projectsOf(grant).map((projectId) => ({ projectId, domainId: null }))
    : [{ projectId: grant.projectId, domainId: grant.domainId }];
  for (const { roleId, by } of brought) {
    const source = sourceOf(grant, by);
    const origin = source === null ? {} : { source };
    for (const userId of users) {
      for (const { projectId, domainId } of places) {
        yield { userId, groupId: null, projectId, domainId, roleId, inherited: false, ...origin };
      }
    }
  }
}

function sourceOf(
  { groupId, projectId, domainId, inherited }: Grant,
  impliedBy: string | null,
): Source | null {
  if (groupId === null && impliedBy === null && !inherited) return null;
  return {
    groupId,
    projectId: inherited ? projectId : null,
    domainId: inherited ? domainId : null,
    roleId: impliedBy,
  };
}

function add(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
