/** Revocation events. Source: Identity API v3, OS-REVOKE; Keystone 10.0.3 behaviour. */

/** What an event may name; a token matches when every named attribute is its own. */
export interface RevocationCriteria {
  readonly userId?: string;
  readonly projectId?: string;
  readonly domainId?: string;
  readonly roleId?: string;
  readonly trustId?: string;
  readonly consumerId?: string;
  readonly accessTokenId?: string;
  readonly auditId?: string;
  readonly auditChainId?: string;
  /** Expiry of the tokens meant, milliseconds since the epoch; with a domain it names the scope, not the user's. */
  readonly expiresAt?: number;
}

export interface RevocationEvent extends RevocationCriteria {
  /** Tokens issued in this second or before are meant. Milliseconds since the epoch, whole seconds. */
  readonly issuedBefore: number;
  readonly revokedAt: number;
}

/** What is asked about a token. */
export interface RevocationSubject {
  readonly userId: string;
  /** Trustor and trustee of a trust token. */
  readonly delegates: readonly string[];
  readonly userDomainId: string | null;
  readonly projectId: string | null;
  /** Domain of the scope: the domain itself, or that of the project. */
  readonly scopeDomainId: string | null;
  readonly roleIds: readonly string[];
  readonly trustId: string | null;
  readonly consumerId: string | null;
  readonly accessTokenId: string | null;
  readonly auditId: string;
  readonly auditChainId: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}
