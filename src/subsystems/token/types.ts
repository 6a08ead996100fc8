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
  /** Milliseconds since the epoch; the configured lifetime from now when absent. Never later than a parent's. */
  readonly expiresAt?: number | null;
  /** Last audit id of the parent token, when there is one. */
  readonly parentAuditId?: string | null;
  readonly bind?: Readonly<Record<string, string>> | null;
}
