import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Cloud, startCloud } from './cloud.js';

describe('certificates of signed tokens', () => {
  let cloud: Cloud;
  let folder: string;
  before(async function start() {
    this.timeout(120_000);
    folder = await mkdtemp(join(tmpdir(), 'certificates-'));
    const [ca, signing] = [join(folder, 'ca.pem'), join(folder, 'signing.pem')];
    await writeFile(ca, 'the CA\n');
    cloud = await startCloud({ signing: [`ca_certs = ${ca}`, `certfile = ${signing}`] });
  });
  after(async () => {
    await cloud.stop();
    await rm(folder, { recursive: true });
  });

  it('are there for everybody, as they are in their files', async () => {
    const { status, headers, text } = await cloud.request('GET', '/v3/OS-SIMPLE-CERT/ca', null);
    expect([status, text]).to.deep.equal([200, 'the CA\n']);
    expect(headers.get('Content-Type')).to.equal('application/x-pem-file');
    const head = await cloud.request('HEAD', '/v3/OS-SIMPLE-CERT/ca', null);
    expect([head.status, head.text]).to.deep.equal([200, '']);
  });

  it('are an error without a path in it where there is no file', async () => {
    const { status, text } = await cloud.request('GET', '/v3/OS-SIMPLE-CERT/certificates', null);
    expect(status).to.equal(500);
    expect(text).not.to.contain(folder);
  });

  it('are never given out together with a key', async () => {
    await writeFile(join(folder, 'signing.pem'), '-----BEGIN RSA PRIVATE KEY-----\nsecret\n');
    for (const path of ['/v3/OS-SIMPLE-CERT/certificates', '/v2.0/certificates/signing']) {
      const { status, text } = await cloud.request('GET', path, null);
      expect(status, path).to.be.greaterThanOrEqual(403);
      expect(text).not.to.contain('secret');
    }
  });
});
