/** What a store of credentials can do. Suites in `test/conformance/credential.ts` hold every backend to this. */
import type { Hints } from '../../common/hints.js';
import type { ShapeOf } from '../../common/shape.js';
import type { Credential } from './types.js';

export interface CredentialDriver {
  /** @throws Conflict when there is one with the id */
  createCredential(credential: Credential): Promise<void>;
  /** Filters that the backend applied are marked satisfied in the hints. */
  listCredentials(hints: Hints): Promise<Credential[]>;
  listCredentialsForUser(userId: string, type: string): Promise<Credential[]>;
  /** Null when there is none. */
  getCredential(id: string): Promise<Credential | null>;
  /** Store a credential in the place of the one with its id. */
  updateCredential(credential: Credential): Promise<void>;
  /** False when there was none. */
  deleteCredential(id: string): Promise<boolean>;
  deleteCredentialsForProject(projectId: string): Promise<void>;
  deleteCredentialsForUser(userId: string): Promise<void>;

  /** How many credentials are encrypted with another key than the primary one. */
  countUnderOldKeys(): Promise<number>;
  /**
   * Encrypt all those with the primary key.
   * @param progress called now and then with how many are done
   * @returns how many were encrypted anew
   */
  encryptUnderPrimaryKey(progress: (done: number) => void): Promise<number>;
}

/** What is asked of drivers of packages. */
export const CREDENTIAL_DRIVER_SHAPE: ShapeOf<CredentialDriver> = {
  createCredential: 'method',
  listCredentials: 'method',
  listCredentialsForUser: 'method',
  getCredential: 'method',
  updateCredential: 'method',
  deleteCredential: 'method',
  deleteCredentialsForProject: 'method',
  deleteCredentialsForUser: 'method',
  countUnderOldKeys: 'method',
  encryptUnderPrimaryKey: 'method',
};
