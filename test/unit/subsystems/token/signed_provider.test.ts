/** Signed tokens at the edges: too large, digests that are too long, and keys that are replaced meanwhile. */
import { createHash } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { messageFromPki, readCertificates, verifyMessage } from '../../../../src/common/crypto/cms/index.js';
import { TokenNotFound, UnexpectedError } from '../../../../src/common/errors.js';
import type { Database } from '../../../../src/common/sql/index.js';
import { loadConf } from '../../../../src/conf/index.js';
import type { TokenProvider } from '../../../../src/subsystems/token/driver.js';
import { createSignedProvider } from '../../../../src/subsystems/token/providers/signed.js';
import { newToken } from '../../../conformance/token_store.js';
import { rejection } from '../../../support/rejection.js';
import { createSigningFiles, newCertificates, type SigningFiles } from '../../../support/signing_files.js';

/** The store is in the process. */
const NO_DATABASE = null as unknown as Database;

describe('a provider of signed tokens', () => {
  let files: SigningFiles;
  before(async () => {
    files = await createSigningFiles();
  });
  after(() => files.remove());

  const provider = (compressed: boolean, token: Record<string, string> = {}): Promise<TokenProvider> => {
    const signing = { keyfile: files.keyfile, certfile: files.certfile, ca_certs: files.caCerts };
    const overrides = { signing, token: { driver: 'kvs', ...token } };
    const { conf } = loadConf({ sources: [], env: { HOME: tmpdir() }, overrides });
    return createSignedProvider(
      {
        conf,
        database: NO_DATABASE,
        keys: new Map(),
        placeOf: (section, option) => `k.conf:3 (${section}.${option})`,
      },
      { compressed },
    );
  };
  const tokenWithCatalog = (services: number): ReturnType<typeof newToken> => {
    const token = newToken({ project: 'p1' });
    const catalog = Array.from({ length: services }, (_, n) => ({
      id: createHash('sha256').update(`${n}`).digest('hex'),
      type: 'compute',
      name: `nova-${n}`,
      endpoints: [],
    }));
    return { ...token, body: { ...token.body, catalog } };
  };

  it('issues no token that begins like none, because it is too large, and keeps nothing of it', async () => {
    const pki = await provider(false);
    const large = tokenWithCatalog(200);
    const error = await rejection(pki.issue(large.facts, large.body));
    expect(error).to.be.instanceOf(UnexpectedError).and.have.property('detail').that.contains('(21,852)');
    expect(error.message).not.to.contain('characters');
    expect(await pki.listRevoked?.()).to.deep.equal([]);
    // Of all that are not too large, the largest.
    let services = 110;
    const issue = async (count: number): Promise<string> => {
      const { facts, body } = tokenWithCatalog(count);
      const id = await pki.issue(facts, body);
      expect(await pki.read(id)).to.deep.equal(facts);
      return id;
    };
    let id = await issue(services);
    for (;;) {
      const next = await issue((services += 1)).catch((failure: unknown) => failure);
      if (typeof next !== 'string') {
        expect(next).to.be.instanceOf(UnexpectedError);
        break;
      }
      id = next;
    }
    expect(id).to.match(/^MII/);
    expect(id.length).to.be.within(21_600, 21_852);
  });

  it('issues the same compressed, which can be told whatever its size', async () => {
    const pkiz = await provider(true);
    const large = tokenWithCatalog(200);
    const id = await pkiz.issue(large.facts, large.body);
    expect(id).to.match(/^PKIZ_/);
    expect(await pkiz.read(id)).to.deep.equal(large.facts);
  });

  for (const algorithm of ['sha384', 'sha512'] as const) {
    it(`takes ${algorithm} where there is room for its digests, and does not start with sql`, async () => {
      const pki = await provider(false, { hash_algorithm: algorithm });
      const { facts, body } = newToken();
      const id = await pki.issue(facts, body);
      const digest = createHash(algorithm).update(id).digest('hex');
      expect(await pki.read(digest)).to.deep.equal(facts);
      await pki.forget({ id, body, issuedAt: facts.issuedAt, expiresAt: facts.expiresAt });
      expect(await rejection((async () => pki.read(id))())).to.be.instanceOf(TokenNotFound);
      expect((await pki.listRevoked?.())?.map((token) => token.id)).to.deep.equal([digest]);

      const error = await rejection(provider(false, { hash_algorithm: algorithm, driver: 'sql' }));
      expect(error.message).to.contain('k.conf:3 (token.hash_algorithm)').and.contain(algorithm);
    });
  }

  it('forgets nothing, and lists nothing, without [token] revoke_by_id', async () => {
    const pki = await provider(false, { revoke_by_id: 'false' });
    const { facts, body } = newToken();
    const id = await pki.issue(facts, body);
    await pki.forget({ id, body, issuedAt: facts.issuedAt, expiresAt: facts.expiresAt });
    await pki.forgetMatching?.({ userId: facts.userId });
    await pki.forgetOfUsers?.([facts.userId], {});
    expect(await pki.read(id)).to.deep.equal(facts);
    expect(await pki.listRevoked?.()).to.deep.equal([]);
  });

  describe('whose files are replaced while it is used', () => {
    let old: SigningFiles['made'];
    let made: SigningFiles['made'];
    let pki: TokenProvider;
    before(async () => {
      old = files.made;
      made = await newCertificates();
      pki = await provider(false);
    });

    /** As commands replace a file: at once. */
    const replace = async (path: string, text: string): Promise<void> => {
      await writeFile(`${path}.new`, text, { mode: 0o600 });
      await rename(`${path}.new`, path);
    };
    const isSignedBy = async ({ certificate, caCertificate }: SigningFiles['made']): Promise<boolean> => {
      const { facts, body } = newToken();
      const message = messageFromPki(await pki.issue(facts, body));
      const trust = {
        certificates: readCertificates(certificate),
        authorities: readCertificates(caCertificate),
      };
      try {
        return verifyMessage(message, trust, Date.now()).length > 0;
      } catch {
        return false;
      }
    };

    it('signs with the key from before while they do not fit together', async () => {
      expect(await isSignedBy(old)).to.equal(true);
      await replace(files.caCerts, made.caCertificate);
      expect(await isSignedBy(old)).to.equal(true);
      await replace(files.keyfile, made.key);
      expect(await isSignedBy(old)).to.equal(true);
    });

    it('signs with the new key as soon as they do, also for many at a time', async () => {
      await replace(files.certfile, made.certificate);
      const signed = await Promise.all(Array.from({ length: 20 }, () => isSignedBy(made)));
      expect(signed).not.to.include(false);
    });

    it('goes on with it when they are gone, or open to others', async () => {
      await writeFile(files.keyfile, old.key);
      await rm(files.certfile);
      expect(await isSignedBy(made)).to.equal(true);
      await rm(files.keyfile);
      expect(await isSignedBy(made)).to.equal(true);
    });
  });
});
