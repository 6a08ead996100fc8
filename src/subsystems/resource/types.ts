/** Projects and domains. Source: Identity API v3, Projects and Domains. */

export interface Project {
  readonly id: string;
  readonly name: string;
  /** Null for a project that acts as a domain. */
  readonly domain_id: string | null;
  /** Null for a project that acts as a domain; the domain's id for a top-level project. */
  readonly parent_id: string | null;
  readonly is_domain: boolean;
  readonly enabled: boolean;
  readonly description: string | null;
  /** Attributes beyond the API's own are kept and returned as they came. */
  readonly [extra: string]: unknown;
}

/** A domain: a project that acts as one, without what only projects have. */
export interface Domain {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly description: string | null;
  readonly [extra: string]: unknown;
}

/** What tokens need of a domain. */
export interface DomainSummary {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
}

/** What tokens need of a project. */
export interface ProjectSummary extends DomainSummary {
  readonly is_domain: boolean;
  readonly domain_id: string | null;
  /** Null for a project that acts as a domain. */
  readonly domain: DomainSummary | null;
}

/** A hierarchy as ids: `{id: {id: null}}`. */
export interface IdTree {
  readonly [id: string]: IdTree | null;
}
