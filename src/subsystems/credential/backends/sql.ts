/** Credentials in the SQL table `credential`, their blobs encrypted with the keys of `[credential] key_repository`. */
import { CredentialCipher } from '../../../common/crypto/credential_cipher.js';
import { KeyRepository } from '../../../common/crypto/key_repository.js';
import { Conflict } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { packExtra, unpackExtra } from '../../../common/sql/extra.js';
import { type CredentialRow, type Database, DuplicateError, prepareSql } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { CredentialDriver } from '../driver.js';
import type { Credential } from '../types.js';

const COLUMNS = ['id', 'user_id', 'project_id', 'type', 'blob'] as const;
const BATCH = 200;

const COUNT_UNDER_OTHER_KEYS = prepareSql({
  text: 'SELECT COUNT(*) AS count FROM credential WHERE key_hash <> ?',
  columns: { count: 'integer' },
});
const UNDER_OTHER_KEYS = prepareSql({
  text: `SELECT id, encrypted_blob FROM credential WHERE key_hash <> ? AND id > ? ORDER BY id LIMIT ${BATCH}`,
  columns: { id: 'text', encrypted_blob: 'text' },
});

export function createDriver({ conf, database, keys }: DriverContext): CredentialDriver {
  const repository =
    keys.get('credential') ?? new KeyRepository(conf.credential.key_repository, { kind: 'credential' });
  keys.set('credential', repository);
  return new SqlCredentialDriver(database, new CredentialCipher(repository));
}

type StoredCredential = Omit<CredentialRow, 'extra'> & { readonly extra: string };

class SqlCredentialDriver implements CredentialDriver {
  constructor(
    private readonly database: Database,
    private readonly cipher: CredentialCipher,
  ) {}

  async createCredential(credential: Credential): Promise<void> {
    try {
      await this.database.table('credential').insert(await this.toRow(credential));
    } catch (error) {
      if (!(error instanceof DuplicateError)) throw error;
      const details = `Duplicate entry found with ID ${credential.id}`;
      throw new Conflict({ type: 'credential', details }, { cause: error });
    }
  }

  async listCredentials(hints: Hints): Promise<Credential[]> {
    return this.fromRows(await this.database.table('credential').find({ hints }));
  }

  async listCredentialsForUser(userId: string, type: string): Promise<Credential[]> {
    const where = { user_id: userId, type };
    return this.fromRows(await this.database.table('credential').find({ where, order: ['id'] }));
  }

  async getCredential(id: string): Promise<Credential | null> {
    const row = await this.database.table('credential').get(id);
    return row === null ? null : this.fromRow(row);
  }

  async updateCredential(credential: Credential): Promise<void> {
    const { id, ...changes } = await this.toRow(credential);
    await this.database.table('credential').update({ id }, changes);
  }

  async deleteCredential(id: string): Promise<boolean> {
    return (await this.database.table('credential').delete({ id })) > 0;
  }

  async deleteCredentialsForProject(projectId: string): Promise<void> {
    await this.database.table('credential').delete({ project_id: projectId });
  }

  async deleteCredentialsForUser(userId: string): Promise<void> {
    await this.database.table('credential').delete({ user_id: userId });
  }

  async countUnderOldKeys(): Promise<number> {
    const [row] = await this.database.query(COUNT_UNDER_OTHER_KEYS, [await this.cipher.primaryKeyHash()]);
    return row?.count ?? 0;
  }

  async encryptUnderPrimaryKey(progress: (done: number) => void): Promise<number> {
    const primary = await this.cipher.primaryKeyHash();
    let done = 0;
    for (let last = ''; ; ) {
      const batch = await this.database.query(UNDER_OTHER_KEYS, [primary, last]);
      for (const { id, encrypted_blob: old } of batch) {
        const { encryptedBlob, keyHash } = await this.cipher.encrypt(await this.cipher.decrypt(old));
        // A credential that was changed meanwhile is under the primary key already, and must not get its old blob.
        done += await this.database
          .table('credential')
          .update({ id, encrypted_blob: old }, { encrypted_blob: encryptedBlob, key_hash: keyHash });
        last = id;
      }
      if (batch.length === 0) return done;
      progress(done);
    }
  }

  private async toRow(credential: Credential): Promise<StoredCredential> {
    const { id, user_id, project_id, type, blob } = credential;
    const { extra } = packExtra(credential, COLUMNS);
    // Keystone encrypts the blob of an EC2 credential as a JSON text that holds a text.
    const { encryptedBlob, keyHash } = await this.cipher.encrypt(
      type === 'ec2' ? JSON.stringify(blob) : blob,
    );
    return { id, user_id, project_id, type, extra, key_hash: keyHash, encrypted_blob: encryptedBlob };
  }

  private async fromRow(row: CredentialRow): Promise<Credential> {
    const { id, user_id, project_id, type } = row;
    const text = await this.cipher.decrypt(row.encrypted_blob);
    const blob = type === 'ec2' ? ec2Blob(text) : text;
    return { ...unpackExtra(row.extra), id, user_id, project_id, type, blob };
  }

  private async fromRows(rows: readonly CredentialRow[]): Promise<Credential[]> {
    const credentials: Credential[] = [];
    for (const row of rows) credentials.push(await this.fromRow(row));
    return credentials;
  }
}

/** The JSON text of the object: what old releases and updates left is one already. */
function ec2Blob(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  return typeof value === 'string' ? value : text;
}
