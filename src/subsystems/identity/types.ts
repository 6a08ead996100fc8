/** Users and groups. Source: Identity API v3, Users and Groups. */

/** A user without what its password tells. */
export interface NewUser {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string;
  readonly enabled: boolean;
  /** Absent or null when the user has none. */
  readonly default_project_id?: string | null;
  /** Attributes beyond the API's own (description and email among them) are kept and returned as they came. */
  readonly [extra: string]: unknown;
}

export interface User extends NewUser {
  /** `YYYY-MM-DDTHH:MM:SS.ffffff`, UTC; null when the password does not expire or is kept elsewhere. */
  readonly password_expires_at: string | null;
}

/** What tokens and assignments say of a user. */
export interface UserSummary {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly domain_id: string;
}

/** Changes of a user, without the password. Extra attributes are added to those that are there. */
export type UserChanges = Partial<NewUser>;

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string;
  readonly description: string | null;
  readonly [extra: string]: unknown;
}

export type GroupChanges = Partial<Group>;

/** What a client asks to be stored: only what the schema checks is known of it. */
export type Attributes = Readonly<Record<string, unknown>>;
