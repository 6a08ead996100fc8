/** Role assignments. Source: Identity API v3, Roles and OS-INHERIT. */

/** Who a role is assigned to: exactly one of the two. */
export interface Actor {
  readonly userId: string | null;
  readonly groupId: string | null;
}

/** What a role is assigned on: exactly one of the two. */
export interface Target {
  readonly projectId: string | null;
  readonly domainId: string | null;
}

/** A grant as stored. `inherited`: not on the target itself but on the projects beneath it. */
export interface Grant extends Actor, Target {
  readonly roleId: string;
  readonly inherited: boolean;
}

export type GrantKind = 'UserProject' | 'GroupProject' | 'UserDomain' | 'GroupDomain';

/** A user with the groups that count: `own` are those that the store itself knows; null is a caller who is no user. */
export interface Actors {
  readonly userId: string | null;
  readonly groups: 'own' | readonly string[];
}

/** Stored grants to list: those that meet all that is given. */
export interface GrantQuery {
  /** One user, one group, or all that a user has by itself and through groups. */
  readonly actor?: { readonly userId: string } | { readonly groupId: string } | { readonly with: Actors };
  /**
   * `subtree`: on the project or any beneath it. `reaching`: besides, inherited grants from further up that count on
   * these projects.
   */
  readonly target?:
    | { readonly domainId: string }
    | { readonly projectId: string; readonly subtree: boolean; readonly reaching: boolean };
  /** Any of these roles. */
  readonly roleIds?: ReadonlySet<string>;
  readonly inherited?: boolean;
}

/** Scope of effective roles. */
export type RoleScope = { readonly projectId: string } | { readonly domainId: string };

export interface EffectiveRole {
  readonly id: string;
  readonly name: string;
  /** Domain of a domain-specific role; null for a global one. */
  readonly domain_id: string | null;
}

/** What a list of role assignments is filtered by. Source: Identity API v3, List role assignments. */
export interface AssignmentFilters {
  readonly roleId: string | null;
  readonly userId: string | null;
  readonly groupId: string | null;
  readonly projectId: string | null;
  readonly domainId: string | null;
  /** Only inherited ones, only others; null for both. */
  readonly inherited: boolean | null;
  /** What is in effect: groups, inheritance and implied roles are resolved into users, projects and roles. */
  readonly effective: boolean;
  readonly includeNames: boolean;
  /** Also on the projects beneath `projectId`. */
  readonly includeSubtree: boolean;
}

/** Where an assignment in effect comes from, as far as it is not a grant of itself. */
export interface Source {
  /** The group that the user is a member of. */
  readonly groupId: string | null;
  /** Where the role is inherited from. */
  readonly projectId: string | null;
  readonly domainId: string | null;
  /** The role that implies this one. */
  readonly roleId: string | null;
}

/** An entry of a list: a grant as stored, or what comes from one. */
export interface RoleAssignment extends Grant {
  readonly source?: Source;
}

export interface NameInDomain {
  readonly name: string;
  readonly domain: { readonly id: string | null; readonly name: string | null };
}

/** Names of what a list mentions, by id. What no longer exists is missing. */
export interface AssignmentNames {
  readonly users: ReadonlyMap<string, NameInDomain>;
  readonly groups: ReadonlyMap<string, NameInDomain>;
  readonly projects: ReadonlyMap<string, NameInDomain>;
  readonly domains: ReadonlyMap<string, string>;
  readonly roles: ReadonlyMap<string, string>;
}
