/** keystone-manage pki_setup. */

import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { readSigning } from '../../../src/subsystems/token/signing.js';
import { createSandbox, OWNER, type Ran, type Sandbox } from './support.js';

describe('keystone-manage pki_setup', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await createSandbox();
  });
  afterEach(() => sandbox.remove());

  const files = (): Record<'ca_key' | 'ca_certs' | 'keyfile' | 'certfile', string> => ({
    ca_key: sandbox.path('ssl/private/cakey.pem'),
    ca_certs: sandbox.path('ssl/certs/ca.pem'),
    keyfile: sandbox.path('ssl/private/signing_key.pem'),
    certfile: sandbox.path('ssl/certs/signing_cert.pem'),
  });
  const run = async (more: readonly string[] = [], ...args: string[]): Promise<Ran> => {
    const lines = Object.entries(files()).map(([name, path]) => `${name} = ${path}`);
    const conf = await sandbox.file('keystone.conf', ['[signing]', ...lines, ...more, ''].join('\n'));
    return sandbox.run('--config-file', conf, 'pki_setup', ...OWNER, ...args);
  };
  const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

  it('makes what [signing] names, secrets for their owner alone', async () => {
    const { status, out, err } = await run([
      'cert_subject = /O=Cloud/CN=keys',
      'valid_days = 10',
      'key_size = 1024',
    ]);
    expect([status, err]).to.deep.equal([0, '']);
    const { ca_key: caKey, ca_certs: ca, keyfile, certfile } = files();
    for (const path of Object.values(files())) expect(out).to.contain(path);
    expect([await mode(caKey), await mode(keyfile)]).to.deep.equal(['600', '600']);
    expect([await mode(ca), await mode(certfile)]).to.deep.equal(['644', '644']);
    expect([await mode(sandbox.path('ssl/private')), await mode(sandbox.path('ssl/certs'))]).to.deep.equal([
      '750',
      '755',
    ]);
    expect(await readdir(sandbox.path('ssl/private'))).to.have.members(['cakey.pem', 'signing_key.pem']);
    const certificate = new X509Certificate(await readFile(certfile));
    expect(certificate.subject).to.equal('O=Cloud\nCN=keys');
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).to.equal(1024);
    await readSigning(files());
  });

  it('changes nothing when any of the files is there', async () => {
    await run();
    const before = await Promise.all(Object.values(files()).map((path) => readFile(path, 'utf8')));
    const { status, out } = await run();
    expect(status).to.equal(0);
    expect(out).to.contain('--rebuild').and.contain(files().keyfile);
    const after = await Promise.all(Object.values(files()).map((path) => readFile(path, 'utf8')));
    expect(after).to.deep.equal(before);
  });

  it('replaces all of them with --rebuild', async () => {
    await run();
    const before = await readFile(files().certfile, 'utf8');
    await writeFile(files().keyfile, 'broken', { mode: 0o644 });
    expect((await run([], '--rebuild')).status).to.equal(0);
    expect(await readFile(files().certfile, 'utf8')).not.to.equal(before);
    await readSigning(files());
  });

  it('says what is wrong with its options', async () => {
    const subject = await run(['cert_subject = CN=keys']);
    expect([subject.status, subject.err]).to.deep.include(1);
    expect(subject.err).to.contain('[signing] cert_subject');
    const same = await run([`ca_key = ${files().keyfile}`]);
    expect(same.status).to.equal(1);
    expect(same.err).to.contain('ca_key and keyfile name the same file');
    const folder = await run([`certfile = ${sandbox.path('keystone.conf')}/cert.pem`]);
    expect(folder.status).to.equal(1);
    expect(folder.err).to.contain('[signing] certfile').and.contain('ENOTDIR');
    // Nothing is there by halves.
    expect(await readdir(sandbox.path('ssl/private'))).to.deep.equal([]);
  });

  it('explains itself', async () => {
    const { status, out } = await sandbox.run('pki_setup', '--help');
    expect(status).to.equal(0);
    for (const word of ['--rebuild', '--keystone-user', '--keystone-group', 'ca_certs', 'Examples']) {
      expect(out).to.contain(word);
    }
  });
});
