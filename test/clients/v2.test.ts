/** Programs of old: all managers of python-keystoneclient's v2_0 client, against both ports. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { V2Cloud } from '../api/v2_cloud.js';
import { ADMIN } from '../support/deployment.js';
import { findPython, needed } from '../support/reference/python.js';
import { createSigningFiles, type SigningFiles } from '../support/signing_files.js';

const run = promisify(execFile);
const SIGNED = /^-----BEGIN CMS-----\n[\s\S]+\n-----END CMS-----\n$/;

describe('keystoneclient.v2_0 (python-keystoneclient)', function limited() {
  this.timeout(120_000);
  let cloud: V2Cloud | undefined;
  let files: SigningFiles;
  let urls: V2Cloud['urls'];
  let saw: Record<string, unknown>;
  before(async function start() {
    const python = needed(
      this,
      findPython(['keystoneclient.v2_0.client']),
      'package python3-keystoneclient is not installed',
    );
    this.timeout(120_000);
    files = await createSigningFiles();
    cloud = await V2Cloud.start({ signing: files.conf });
    ({ urls } = cloud);
    const driver = join(import.meta.dirname, 'v2_driver.py');
    const login = [urls.main, urls.admin, ADMIN.name, ADMIN.password, ADMIN.project];
    const { stdout } = await run(python, [driver, ...login], { env: { PYTHONDONTWRITEBYTECODE: '1' } });
    saw = JSON.parse(stdout) as Record<string, unknown>;
  });
  after(async () => {
    await cloud?.stop();
    await files?.remove();
  });

  it('finds the admin port in the catalog', () => {
    expect(saw['services']).to.deep.equal([['keystone'], 'Identity']);
    expect(saw['endpoints']).to.deep.equal([[`${urls.main}/v2.0`, `${urls.admin}/v2.0`]]);
    expect(saw['management']).to.equal(`${urls.admin}/v2.0`);
  });

  it('administers tenants', () => {
    expect(saw['tenants']).to.deep.equal([[ADMIN.project, 'blue', 'red'], [ADMIN.project]]);
    expect([saw['tenant'], saw['updated tenant']]).to.deep.equal(['colour', 'new']);
  });

  it('administers users', () => {
    expect(saw['users']).to.deep.equal([[ADMIN.name, 'ann'], ['ann']]);
    expect([saw['user'], saw['updated user']]).to.deep.equal(['ann@example.com', 'new@example.com']);
    expect(saw['other tenant']).to.be.a('string');
    expect([saw['old password'], saw['disabled']]).to.deep.equal([401, 401]);
  });

  it('administers roles', () => {
    expect([saw['role'], saw['roles']]).to.deep.equal(['painter', ['_member_', 'admin', 'painter']]);
    expect([saw['roles of user'], saw['users of tenant']]).to.deep.equal([['painter'], ['ann']]);
    expect([saw['granted twice'], saw['no roles of user'], saw['without tenant']]).to.deep.equal([
      409,
      [],
      501,
    ]);
  });

  it('signs users in, who see what is theirs', () => {
    expect(saw['ann']).to.deep.equal(['ann', 'red', ['painter']]);
    expect(saw['own tenants']).to.deep.equal(['blue', 'red']);
    expect((saw['not an administrator'] as unknown[])[0]).to.equal(403);
    expect(saw['rescoped']).to.equal(true);
  });

  it('checks and ends tokens', () => {
    expect(saw['validated']).to.equal('ann');
    expect(saw['deleted token']).to.equal(404);
  });

  it('gets what signed tokens are checked with', () => {
    expect(saw['certificates']).to.deep.equal([files.made.caCertificate, files.made.certificate]);
    expect(saw['revoked']).to.have.all.keys('signed').and.have.property('signed').that.matches(SIGNED);
  });

  it('makes and deletes EC2 credentials', () => {
    expect([saw['ec2'], saw['no ec2']]).to.deep.equal([[true, 1], 0]);
  });

  it('sees the extensions of each stack', () => {
    expect(saw['public extensions']).to.include('OS-KSCRUD').and.not.to.include('OS-KSADM');
    expect(saw['admin extensions']).to.include('OS-KSADM').and.not.to.include('OS-KSCRUD');
  });

  it('leaves nothing behind', () => {
    expect(saw['left']).to.deep.equal([[ADMIN.name], [ADMIN.project, 'blue'], 0, 0]);
  });
});
