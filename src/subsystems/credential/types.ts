/** Credentials: secrets that users keep here for other protocols. Source: Identity API v3, Credentials and OS-EC2. */

export interface Credential {
  /** SHA-256 of the access key for EC2 credentials, a UUID for all others. */
  readonly id: string;
  readonly user_id: string;
  readonly project_id: string | null;
  readonly type: string;
  /** What is kept: for EC2 a JSON object as text, for TOTP the secret in base32. */
  readonly blob: string;
  /** Attributes beyond the API's own are kept and returned as they came. */
  readonly [extra: string]: unknown;
}

/** The delegation by which a caller acts; it limits what comes of a credential that the caller makes. */
export interface Delegation {
  readonly trustId: string | null;
  readonly accessTokenId: string | null;
}

/** An EC2 credential in the form of OS-EC2. */
export interface Ec2Credential {
  readonly user_id: string;
  readonly tenant_id: string | null;
  readonly access: string;
  readonly secret: string;
  readonly trust_id: string | null;
}
