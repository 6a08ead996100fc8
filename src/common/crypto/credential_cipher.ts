/** Encryption of credential blobs at rest (`[credential] provider = fernet`). */
import { sha1Hex } from './digests.js';
import { decryptFernet, encryptFernet } from './fernet.js';
import type { KeyRepository } from './key_repository.js';

export interface EncryptedCredential {
  /** Fernet text, for the column `encrypted_blob`. */
  readonly encryptedBlob: string;
  /** SHA-1 of the text of the key used, for the column `key_hash`: tells which credentials await migration. */
  readonly keyHash: string;
}

/** No key of the repository opens the blob. Neither the blob nor a key is in the message. */
export class CredentialDecryptionError extends Error {
  override readonly name = 'CredentialDecryptionError';
  constructor() {
    super('a credential cannot be decrypted with the keys of [credential] key_repository');
  }
}

export class CredentialCipher {
  readonly #repository: KeyRepository;

  /** @param repository of kind `credential`: it falls back to the null key while no keys were set up */
  constructor(repository: KeyRepository) {
    this.#repository = repository;
  }

  /** @throws KeysNotFound when the keys were there and are gone */
  async encrypt(blob: string): Promise<EncryptedCredential> {
    const { primary } = await this.#repository.keys();
    return {
      encryptedBlob: encryptFernet(primary, Buffer.from(blob, 'utf8')),
      keyHash: sha1Hex(primary.text),
    };
  }

  /**
   * @throws CredentialDecryptionError
   * @throws KeysNotFound
   */
  async decrypt(encryptedBlob: string): Promise<string> {
    const keys = await this.#repository.keys();
    const message =
      decryptFernet(keys.all, encryptedBlob) ??
      decryptFernet((await this.#repository.renewed()).all, encryptedBlob);
    if (message === null) throw new CredentialDecryptionError();
    return message.plaintext.toString('utf8');
  }

  /** The `key_hash` of credentials that need no migration. */
  async primaryKeyHash(): Promise<string> {
    return sha1Hex((await this.#repository.keys()).primary.text);
  }
}
