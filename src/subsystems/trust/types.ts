/** Trusts: one user delegates roles on a project to another. Source: Identity API v3, OS-TRUST. */

export interface Trust {
  readonly id: string;
  readonly trustor_user_id: string;
  readonly trustee_user_id: string;
  readonly project_id: string | null;
  /** Whether tokens of the trust are the trustor's. */
  readonly impersonation: boolean;
  /** Milliseconds since the epoch; null for ever. */
  readonly expires_at: number | null;
  readonly deleted_at: number | null;
  /** Tokens that may still be issued; null without limit. */
  readonly remaining_uses: number | null;
  /** Trust that this one was made from; null for a first one. */
  readonly redelegated_trust_id: string | null;
  /** How often the trust may be delegated further. */
  readonly redelegation_count: number | null;
  readonly roleIds: readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A role by id, or by a name that no other role has. */
export interface RoleRef {
  readonly id?: string;
  readonly name?: string;
}

/** What a client asks for; times in milliseconds since the epoch. */
export interface NewTrust {
  readonly trustor_user_id: string;
  readonly trustee_user_id: string;
  readonly project_id: string | null;
  readonly impersonation: boolean;
  readonly expires_at: number | null;
  readonly remaining_uses: number | null;
  readonly roles: readonly RoleRef[];
  readonly allow_redelegation: boolean;
  /** How often it can be passed on; null for as often as possible. */
  readonly redelegation_count: number | null;
  readonly extra: Readonly<Record<string, unknown>>;
}
