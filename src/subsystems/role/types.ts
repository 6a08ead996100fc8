/** A role. Source: Identity API v3, Roles. */
export interface Role {
  readonly id: string;
  readonly name: string;
  /** Domain of a domain-specific role; null for a global one. */
  readonly domain_id: string | null;
  /** Attributes beyond the API's own are kept and returned as they came. */
  readonly [extra: string]: unknown;
}

export interface ImpliedRole {
  readonly prior_role_id: string;
  readonly implied_role_id: string;
}
