/** What tokens are about, whatever their format. Source: `docs/tokens.md`; Keystone's token formats. */

export interface FederationFacts {
  readonly groupIds: readonly string[];
  readonly identityProviderId: string;
  readonly protocolId: string;
}

/** What a token says of itself. Names, roles and catalog are looked up when it is issued and when it is validated. */
export interface TokenFacts {
  readonly userId: string;
  readonly methods: readonly string[];
  /** At most one of project and domain. */
  readonly projectId: string | null;
  readonly domainId: string | null;
  readonly trustId: string | null;
  readonly accessTokenId: string | null;
  readonly federation: FederationFacts | null;
  /** `[own id]`, or `[own id, id of the first token of the chain]`. */
  readonly auditIds: readonly string[];
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly bind: Readonly<Record<string, string>> | null;
}

/** What authentication asks for. */
export interface IssueRequest {
  readonly userId: string;
  readonly methods: readonly string[];
  readonly projectId?: string | null;
  readonly domainId?: string | null;
  readonly trustId?: string | null;
  readonly accessTokenId?: string | null;
  readonly federation?: FederationFacts | null;
  /** The token ends here at the latest, and after the configured lifetime in any case. Milliseconds since the epoch. */
  readonly expiresAt?: number | null;
  /** Last audit id of the parent token, when there is one. */
  readonly parentAuditId?: string | null;
  readonly bind?: Readonly<Record<string, string>> | null;
  /** Whether a token that says all itself says the catalog too (`nocatalog`); it does when nothing is said here. */
  readonly withCatalog?: boolean;
}

/** What goes with the issue of a token. */
export interface IssueSurroundings {
  /**
   * Called when time has passed between the proof and the token: whether what was proven still holds.
   * @throws what the proof throws when it does not
   */
  readonly confirm?: () => Promise<void>;
  /** Runs the issue together with what it costs, such as a use of a trust: both or neither. */
  readonly within?: <T>(issue: () => Promise<T>) => Promise<T>;
}
