/** What the rest of the package knows of a hashing scheme without computing anything. */
export type PasswordAlgorithm = 'sha512_crypt' | 'bcrypt' | 'scrypt' | 'pbkdf2_sha512';

/** How new hashes are made. */
export interface HashCost {
  readonly algorithm: PasswordAlgorithm;
  /** Rounds; for bcrypt and scrypt the binary logarithm of them. */
  readonly rounds: number;
  /** scrypt: block size `r`. */
  readonly blockSize: number;
  /** scrypt: parallelism `p`. */
  readonly parallelism: number;
  /** scrypt and pbkdf2_sha512. */
  readonly saltBytes: number;
}

/** One scheme. Everything here takes its time: it belongs into a worker thread. */
export interface Scheme {
  /** A new hash with a random salt. */
  hash(password: Uint8Array, cost: HashCost): string;
  /**
   * Whether the password makes this hash.
   *
   * @returns null when the text is not a hash of this scheme, or the scheme cannot take such a password
   */
  verify(password: Uint8Array, hash: string): boolean | null;
}
