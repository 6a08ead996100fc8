/** A policy that another service keeps here. The service that stores it does not read it. Source: Identity API v3, Policies. */
export interface Policy {
  readonly id: string;
  /** MIME type of the blob. */
  readonly type: string;
  /** The policy itself: text. What Keystone stored before it asked for text can be any JSON value. */
  readonly blob: unknown;
  /** Attributes beyond the API's own are kept and returned as they came. */
  readonly [extra: string]: unknown;
}
