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

/** Stored grants to list; what is absent is not looked at, an empty list matches nothing. */
export interface GrantQuery {
  readonly actorIds?: readonly string[];
  readonly targetIds?: readonly string[];
  readonly kinds?: readonly GrantKind[];
  readonly roleId?: string;
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
