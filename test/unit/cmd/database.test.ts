import { expect } from 'chai';
import { createDeployment, type Deployment } from '../../support/deployment.js';
import { createSandbox, type Ran, type Sandbox } from './support.js';

describe('db_sync and db_version', () => {
  let deployment: Deployment;
  let sandbox: Sandbox;
  const run = (...args: string[]): Promise<Ran> => sandbox.run(...deployment.args, ...args);

  before(async () => {
    sandbox = await createSandbox();
  });
  beforeEach(async () => {
    deployment = await createDeployment({ until: 'files' });
  });
  afterEach(() => deployment.remove());
  after(() => sandbox.remove());

  it('makes an empty database complete, which then has version 109; again it changes nothing', async () => {
    expect(await run('db_version')).to.include({ status: 0, out: '0\n' });
    const synced = await run('db_sync');
    expect(synced).to.include({ status: 0, err: '' });
    expect(synced.out).to.match(/The schema is complete\n$/);
    expect(await run('db_version')).to.deep.equal({ status: 0, out: '109\n', err: '' });
    expect(await run('db_sync')).to.include({ status: 0, err: '' });
  });

  it('goes through the phases one by one, and says which is next', async () => {
    const early = await run('db_sync', '--contract');
    expect(early.status).to.equal(1);
    expect(early.err).to.match(/^error: .*--expand first/);
    expect((await run('db_sync', '--expand')).status).to.equal(0);
    const version = await run('db_version');
    expect(version.out).to.equal('109\n');
    expect(version.err).to.contain('db_sync').and.to.contain('--migrate');
    expect((await run('db_sync', '--migrate')).status).to.equal(0);
    expect((await run('db_sync', '--contract')).out).to.match(/The schema is complete\n$/);
  });

  it('says with --check what is left to do, by the exit statuses of later releases, and changes nothing', async () => {
    const check = async (): Promise<unknown> => {
      const { status, out } = await run('db_sync', '--check');
      return [status, out];
    };
    for (const [phase, status] of [
      ['--expand', 2],
      ['--migrate', 3],
      ['--contract', 4],
    ] as const) {
      expect(await check()).to.deep.equal([status, `Next: keystone-manage db_sync ${phase}\n`]);
      expect((await run('db_sync', phase)).status).to.equal(0);
    }
    expect(await check()).to.deep.equal([0, 'The schema is complete\n']);
    expect((await run('db_sync', '--check', '--expand')).status).to.equal(2);
  });

  it('takes one phase at a time', async () => {
    expect((await run('db_sync', '--expand', '--contract')).status).to.equal(2);
  });

  it('knows the version 109 and no other, and never goes back', async () => {
    expect((await run('db_sync', '200')).err).to.contain('there is only version 109');
    expect((await run('db_sync', 'latest')).err).to.contain('version latest: a whole number is needed');
    expect((await run('db_sync', '109')).status).to.equal(0);
    expect((await run('db_version')).out).to.equal('109\n');
    const back = await run('db_sync', '67');
    expect(back.status).to.equal(1);
    expect(back.err).to.equal('error: the database has version 109: it cannot go back to version 67\n');
  });

  for (const command of ['db_sync', 'db_version']) {
    it(`${command} says that extensions have no schema of their own`, async () => {
      const { status, err } = await run(command, '--extension', 'federation');
      expect(status).to.equal(1);
      expect(err).to.contain('--extension').and.to.contain('db_sync');
    });
  }
});
