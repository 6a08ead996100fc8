import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CredentialCipher } from '../../src/common/crypto/credential_cipher.js';
import { KeyRepository } from '../../src/common/crypto/key_repository.js';
import { rotateKeys, setupKeys } from '../../src/common/crypto/key_rotation.js';
import { loadConf } from '../../src/conf/index.js';
import * as credentialSql from '../../src/subsystems/credential/backends/sql.js';
import type { CredentialDriver } from '../../src/subsystems/credential/driver.js';
import * as oauth1Sql from '../../src/subsystems/oauth1/backends/sql.js';
import * as trustSql from '../../src/subsystems/trust/backends/sql.js';
import type { TrustDriver } from '../../src/subsystems/trust/driver.js';
import { credentialDriverSuite, newCredential } from './credential.js';
import { onEveryDatabase } from './databases.js';
import { oauth1DriverSuite } from './oauth1.js';
import { newTrust, trustDriverSuite } from './trust.js';

describe('trust, oauth1 and credential drivers', function limited() {
  this.timeout(120_000);
  const { conf } = loadConf({ sources: [], env: { HOME: tmpdir() } });
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keystone-credential-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  onEveryDatabase((databaseOf) => {
    describe('trust: sql', () => {
      const driver = (): TrustDriver =>
        trustSql.createDriver({ conf, database: databaseOf(), keys: new Map() });
      trustDriverSuite(driver);

      it('reads what Newton and what later releases wrote', async () => {
        const { roleIds: _roleIds, extra: _extra, ...columns } = newTrust();
        const common = { ...columns, deleted_at: null, redelegation_count: null };
        await databaseOf()
          .table('trust')
          .insert({
            ...common,
            expires_at: new Date(Date.UTC(2999, 0, 1)),
            expires_at_int: null,
            extra:
              '{"redelegated_trust_id": "parent", "redelegation_count": 2, "roles": [{"id": "r"}], "note": 1}',
          });
        expect(await driver().getTrust(columns.id)).to.deep.include({
          expires_at: Date.UTC(2999, 0, 1),
          redelegated_trust_id: 'parent',
          redelegation_count: 2,
          extra: { note: 1 },
        });
        const later = {
          ...common,
          id: newTrust().id,
          expires_at: null,
          expires_at_int: Date.UTC(2999, 0, 2) * 1000,
        };
        await databaseOf()
          .table('trust')
          .insert({ ...later, extra: null });
        expect(await driver().getTrust(later.id)).to.include({ expires_at: Date.UTC(2999, 0, 2) });
      });
    });

    describe('oauth1: sql', () => {
      oauth1DriverSuite(() => oauth1Sql.createDriver({ conf, database: databaseOf(), keys: new Map() }));
    });

    describe('credential: sql', () => {
      let repository: KeyRepository;
      let path: string;
      const driver = async (): Promise<CredentialDriver> =>
        credentialSql.createDriver({
          conf,
          database: databaseOf(),
          keys: new Map([['credential', repository]]),
        });
      let current: CredentialDriver;
      before(async () => {
        path = await mkdtemp(join(folder, 'keys-'));
        await setupKeys(path, { maxActiveKeys: 3 });
        repository = new KeyRepository(path, { kind: 'credential', recheckMs: 0, onNote: () => undefined });
        current = await driver();
      });
      credentialDriverSuite(() => current);

      it('keeps no secret as it is', async () => {
        const credential = newCredential({ type: 'ec2', blob: '{"access": "a", "secret": "in plain text"}' });
        await current.createCredential(credential);
        const row = await databaseOf().table('credential').get(credential.id);
        // No base64 of anything has blanks.
        expect(JSON.stringify(row)).to.not.contain('in plain text');
        // Keystone reads it: a JSON text that holds the blob, under a key that its hash names.
        const cipher = new CredentialCipher(repository);
        expect(JSON.parse(await cipher.decrypt(row?.encrypted_blob ?? ''))).to.equal(credential.blob);
        expect(row?.key_hash).to.equal(await cipher.primaryKeyHash());
      });

      it('reads EC2 blobs that old releases wrote as objects', async () => {
        const credential = newCredential({ type: 'ec2', blob: '{"access": "b"}' });
        await current.createCredential(credential);
        const { encryptedBlob } = await new CredentialCipher(repository).encrypt(credential.blob);
        await databaseOf()
          .table('credential')
          .update({ id: credential.id }, { encrypted_blob: encryptedBlob });
        expect(await current.getCredential(credential.id)).to.deep.equal(credential);
      });

      it('encrypts what is under an older key anew, so that no rotation makes anything unreadable', async () => {
        const credentials = Array.from({ length: 250 }, () => newCredential());
        for (const credential of credentials) await current.createCredential(credential);
        await current.encryptUnderPrimaryKey(() => undefined);
        const total = await databaseOf().table('credential').count();
        for (let round = 0; round < 3; round += 1) {
          expect(await current.countUnderOldKeys()).to.equal(0);
          await rotateKeys(path, { maxActiveKeys: 3 });
          expect(await current.countUnderOldKeys()).to.equal(total);
          const progress: number[] = [];
          expect(await current.encryptUnderPrimaryKey((done) => progress.push(done))).to.equal(total);
          expect(progress.length).to.be.greaterThan(1);
          expect(progress.at(-1)).to.equal(total);
        }
        const [first] = credentials;
        expect(await current.getCredential(first?.id ?? '')).to.deep.equal(first);
      });
    });
  });
});
