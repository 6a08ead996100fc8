/** [signing]: what stops the start, and what is said of it. */
import { chmod, copyFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSigning, SigningError } from '../../../../src/subsystems/token/signing.js';
import { rejection } from '../../../support/rejection.js';
import { createSigningFiles, newCertificates, type SigningFiles } from '../../../support/signing_files.js';

describe('[signing]', () => {
  let files: SigningFiles;
  let good: Parameters<typeof readSigning>[0];
  before(async () => {
    files = await createSigningFiles();
    good = { keyfile: files.keyfile, certfile: files.certfile, ca_certs: files.caCerts };
  });
  after(() => files.remove());

  const path = (name: string): string => join(files.folder, name);
  const write = async (name: string, text: string, mode = 0o600): Promise<string> => {
    await writeFile(path(name), text);
    await chmod(path(name), mode);
    return path(name);
  };
  const refused = async (changes: Partial<typeof good>): Promise<string> => {
    const error = await rejection(
      readSigning({ ...good, ...changes }, (section, option) => `k.conf:7 (${section}.${option})`),
    );
    expect(error).to.be.instanceOf(SigningError);
    const [option = ''] = Object.keys(changes);
    expect(error.message).to.contain(
      `k.conf:7 (signing.${option}): [signing] ${option} = ${Object.values(changes)[0]}: `,
    );
    return error.message;
  };

  it('is read when key, certificate and authority belong together', async () => {
    const { signer, trust } = await readSigning(good);
    expect(signer.certificate.x509.checkPrivateKey(signer.key)).to.equal(true);
    expect(trust.authorities).to.have.length(1);
  });

  it('takes the certificate of the key out of a bundle', async () => {
    const bundle = await write('bundle.pem', `${files.made.caCertificate}${files.made.certificate}`, 0o644);
    const { signer } = await readSigning({ ...good, certfile: bundle });
    expect(signer.certificate.x509.ca).to.equal(false);
  });

  it('names files that are missing or cannot be read, and what makes them', async () => {
    for (const option of ['keyfile', 'certfile', 'ca_certs'] as const) {
      expect(await refused({ [option]: path('missing.pem') }))
        .to.contain('ENOENT')
        .and.contain('pki_setup');
      expect(await refused({ [option]: files.folder })).to.match(/EISDIR|open to others/);
    }
  });

  it('wants the key to be for its owner alone', async () => {
    for (const mode of [0o640, 0o604, 0o660, 0o601]) {
      const open = await write('open.pem', files.made.key, mode);
      expect(await refused({ keyfile: open }))
        .to.contain(`mode 0${mode.toString(8)}`)
        .and.contain('0600');
      // The mode of what a link leads to counts.
      await symlink(open, path('link.pem'));
      expect(await refused({ keyfile: path('link.pem') })).to.contain('open to others');
      await rm(path('link.pem'));
    }
    await copyFile(files.keyfile, path('closed.pem'));
    await chmod(path('closed.pem'), 0o400);
    await readSigning({ ...good, keyfile: path('closed.pem') });
  });

  it('wants a key without a password, of a kind that signs tokens', async () => {
    const encrypted = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n';
    expect(await refused({ keyfile: await write('a.pem', encrypted) })).to.contain('protected by a password');
    const traditional =
      '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n';
    expect(await refused({ keyfile: await write('b.pem', traditional) })).to.contain(
      'protected by a password',
    );
    const none = await refused({ keyfile: await write('c.pem', 'top secret') });
    expect(none).to.contain('no private key').and.not.contain('top secret');
    expect(await refused({ keyfile: await write('d.pem', files.made.certificate) })).to.contain(
      'no private key',
    );
  });

  it('wants a certificate of the key, by one of the authorities', async () => {
    const other = await newCertificates();
    const certfile = await write('other.pem', other.certificate);
    expect(await refused({ certfile }))
      .to.contain('belongs to the key')
      .and.contain(files.keyfile);
    expect(await refused({ certfile: await write('empty.pem', '') })).to.contain('no certificate');
    expect(await refused({ ca_certs: await write('noca.pem', '') })).to.contain('no certificate');
    const ca = await write('otherca.pem', other.caCertificate);
    const error = await rejection(readSigning({ ...good, ca_certs: ca }));
    expect(error.message).to.contain('[signing] certfile').and.contain(`[signing] ca_certs = ${ca}`);
  });
});
