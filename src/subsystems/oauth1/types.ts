/** OAuth 1.0a delegation. Source: Identity API v3, OS-OAUTH1. */

/** An application that asks users for access. */
export interface Consumer {
  readonly id: string;
  readonly description: string | null;
  /** Attributes beyond the API's own are kept and returned as they came. */
  readonly [extra: string]: unknown;
}

export interface ConsumerWithSecret extends Consumer {
  readonly secret: string;
}

/** What a consumer asks a user to grant; used up by the access token that comes of it. */
export interface RequestToken {
  readonly id: string;
  readonly request_secret: string;
  /** Known to the user who authorized the token, and by way of the user to the consumer. */
  readonly verifier: string | null;
  /** Null until a user has authorized it. */
  readonly authorizing_user_id: string | null;
  readonly requested_project_id: string;
  readonly role_ids: readonly string[] | null;
  readonly consumer_id: string;
  /** ISO 8601; null for ever. */
  readonly expires_at: string | null;
}

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
