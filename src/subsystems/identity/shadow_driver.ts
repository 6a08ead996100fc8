/**
 * What the SQL tables hold of users who lie in a directory: a row for each who signed in once, under the public id.
 * Grants, credentials and trusts of later releases refer to it.
 */
export interface ShadowUser {
  /** Public id. */
  readonly id: string;
  readonly name: string;
  readonly domain_id: string;
}

export interface ShadowDriver {
  /** Make sure that the user has a row, and that it says the user's present name. One look-up when it does. */
  ensure(user: ShadowUser): Promise<void>;
  /** Unknown ids are left out. */
  delete(ids: readonly string[]): Promise<void>;
  /** Delete the rows of all users of directories of a domain. */
  deleteOfDomain(domainId: string): Promise<void>;
}
