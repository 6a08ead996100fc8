/** OAuth 1.0a delegation. Source: Identity API v3, OS-OAUTH1. */
export interface AccessToken {
  readonly id: string;
  readonly access_secret: string;
  readonly authorizing_user_id: string;
  readonly project_id: string;
  readonly role_ids: readonly string[];
  readonly consumer_id: string;
  /** ISO 8601; null for ever. */
  readonly expires_at: string | null;
}
