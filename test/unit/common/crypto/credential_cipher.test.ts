import { expect } from 'chai';
import {
  CredentialCipher,
  CredentialDecryptionError,
} from '../../../../src/common/crypto/credential_cipher.js';
import { KeyRepository } from '../../../../src/common/crypto/key_repository.js';
import { KeyFolder } from './key_folder.js';

/** Made by the original with the null key. */
const NULL_KEY_HASH = 'c5bdc272b97a0d521ef878dc26fb73e4075544dc';
const NULL_KEY_BLOB =
  'gAAAAABX-3-gAAECAwQFBgcICQoLDA0OD8Mpf8Zwb0tk32gjMekELa4JChHU3MmcqvOHCWfJQxsJeGa927grCbb2K69if50Q_FMLzAhJer_kkfrSAF17ZyU=';

describe('credential encryption', () => {
  let folder: KeyFolder;

  beforeEach(async () => {
    folder = await KeyFolder.create();
  });
  afterEach(() => folder.remove());

  const cipher = (): CredentialCipher =>
    new CredentialCipher(new KeyRepository(folder.path, { kind: 'credential', onNote: () => undefined }));

  it('reads what was encrypted before keys were set up, then and later', async () => {
    expect(await cipher().decrypt(NULL_KEY_BLOB)).to.equal('my credential blob');
    expect((await cipher().encrypt('x')).keyHash).to.equal(NULL_KEY_HASH);
    await folder.put('1');
    expect(await cipher().decrypt(NULL_KEY_BLOB)).to.equal('my credential blob');
    expect((await cipher().encrypt('x')).keyHash).not.to.equal(NULL_KEY_HASH);
  });

  it('marks a blob with the key that encrypted it', async () => {
    await folder.put('0');
    await folder.put('1');
    const { encryptedBlob, keyHash } = await cipher().encrypt('{"secret": "sécret"}');
    expect(keyHash).to.match(/^[0-9a-f]{40}$/);
    expect(await cipher().primaryKeyHash()).to.equal(keyHash);
    expect(await cipher().decrypt(encryptedBlob)).to.equal('{"secret": "sécret"}');
  });

  it('opens blobs of keys that it has not seen yet', async () => {
    await folder.put('1');
    const old = cipher();
    await old.encrypt('x');
    await folder.put('2');
    const { encryptedBlob } = await cipher().encrypt('new');
    expect(await old.decrypt(encryptedBlob)).to.equal('new');
  });

  it('says that a blob cannot be opened, and shows nothing of it', async () => {
    await folder.put('1');
    for (const blob of ['', 'garbage', `${NULL_KEY_BLOB.slice(0, -8)}AAAAAAA=`]) {
      const reason: unknown = await cipher()
        .decrypt(blob)
        .catch((error: unknown) => error);
      expect(reason).to.be.instanceOf(CredentialDecryptionError);
      if (blob !== '') expect(String(reason)).not.to.include(blob);
    }
  });
});
