/** `mapping_populate`, `mapping_purge` and `domain_config_upload`, on a deployment with a directory. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { manage } from '../../../src/cmd/manage.js';
import { shutdownLogging } from '../../../src/common/log/index.js';
import { createServices, type Services } from '../../../src/server/services.js';
import { createDeployment, type Deployment } from '../../support/deployment.js';
import { DIRECTORY_PACKAGE, installDirectoryDriver } from '../../support/directory_driver.js';
import { rejection } from '../../support/rejection.js';
import type { Ran } from './support.js';

describe('commands for directories', () => {
  let deployment: Deployment;
  let domainId: string;

  before(async () => {
    deployment = await createDeployment();
    const { folder } = deployment;
    await installDirectoryDriver(folder);
    await mkdir(join(folder, 'domains'));
    await mkdir(join(folder, 'conf.d'), { recursive: true });
    await writeFile(
      join(folder, 'conf.d', 'domains.conf'),
      [
        '[identity]',
        'domain_specific_drivers_enabled = true',
        'domain_configurations_from_database = true',
        `domain_config_dir = ${join(folder, 'domains')}`,
      ].join('\n'),
    );
    const users = Array.from({ length: 2500 }, (_, position) => ({
      id: `id-${position}`,
      name: `n${position}`,
    }));
    const groups = [{ id: 'id-1', name: 'staff', members: ['id-1'] }];
    await writeFile(deployment.path('staff.json'), JSON.stringify({ users, groups }));
    domainId = await look(async ({ providers }) => {
      await providers.resource.createDomain({ name: 'Other' }, null);
      return (await providers.resource.createDomain({ name: 'Staff' }, null)).id;
    });
  });
  after(() => deployment.remove());

  async function run(...args: string[]): Promise<Ran> {
    let out = '';
    let err = '';
    const status = await manage([...deployment.args, ...args], {
      env: deployment.env,
      output: { line: (text = '') => void (out += `${text}\n`), note: (text) => void (err += `${text}\n`) },
    });
    shutdownLogging();
    return { status, out, err };
  }

  async function look<T>(work: (services: Services) => Promise<T>): Promise<T> {
    const services = await createServices(deployment.load());
    try {
      return await work(services);
    } finally {
      await services.close();
    }
  }
  const count = (filter: object = {}): Promise<number> =>
    look(({ providers }) => providers.idMapping.count(filter));
  const file = (name: string, ...lines: string[]): Promise<void> =>
    writeFile(join(deployment.folder, 'domains', `keystone.${name}.conf`), lines.join('\n'));

  describe('domain_config_upload', () => {
    it('needs to be told what to take', async () => {
      for (const args of [[], ['--all', '--domain-name', 'Staff']]) {
        const { status, err } = await run('domain_config_upload', ...args);
        expect(status).to.equal(1);
        expect(err).to.contain('either --all or --domain-name');
      }
      const missing = await run('domain_config_upload', '--domain-name', 'Staff');
      expect(missing).to.include({ status: 1, out: '' });
      expect(missing.err).to.contain('keystone.Staff.conf');
    });

    it('stores what a file sets, once, and the services go by it', async () => {
      await file(
        'Staff',
        '[identity]',
        `driver = ${DIRECTORY_PACKAGE}`,
        '[ldap]',
        `url = ${deployment.path('staff.json')}`,
        'password = very-secret',
      );
      const uploaded = await run('domain_config_upload', '--domain-name', 'Staff');
      expect(uploaded, uploaded.err).to.include({ status: 0 });
      expect(uploaded.out + uploaded.err).not.to.contain('very-secret');
      expect(await look(({ providers }) => providers.domainConfig.getConfig(domainId))).to.deep.equal({
        identity: { driver: DIRECTORY_PACKAGE },
        ldap: { url: deployment.path('staff.json') },
      });
      const user = await look(({ providers }) => providers.identity.getUserByName('n7', domainId));
      expect(user).to.include({ domain_id: domainId });
      const again = await run('domain_config_upload', '--domain-name', 'Staff');
      expect(again).to.include({ status: 1, out: '' });
      expect(again.err).to.contain('already');
    });

    it('takes all that can be taken, and says why not the others', async () => {
      await file('Nowhere', '[ldap]', 'url = ldap://nowhere');
      await file('Other', '[DEFAULT]', 'debug = true');
      await mkdir(join(deployment.folder, 'domains', 'deep'), { recursive: true });
      const { status, out, err } = await run('domain_config_upload', '--all');
      expect(status).to.equal(1);
      expect(out).to.equal('');
      expect(err).to.contain('no domain of the name Nowhere').and.contain('already').and.contain('DEFAULT');
      await file('Other', '[ldap]', 'url = ldap://other');
      const second = await run('domain_config_upload', '--all');
      expect(second).to.include({ status: 0 });
      expect(second.out).to.contain('domain Other');
    });

    it('finds the file of one domain beneath the folder, where the services find it', async () => {
      await mkdir(join(deployment.folder, 'domains', 'deep'), { recursive: true });
      await writeFile(
        join(deployment.folder, 'domains', 'deep', 'keystone.Lost.conf'),
        '[ldap]\nurl = ldap://lost\n',
      );
      const { status, err } = await run('domain_config_upload', '--domain-name', 'Lost');
      expect(status).to.equal(1);
      expect(err).to.contain('deep/keystone.Lost.conf: there is no domain of the name Lost');
    });
  });

  describe('mapping_populate', () => {
    it('needs a domain that there is', async () => {
      expect(await run('mapping_populate')).to.include({ status: 2 });
      const unknown = await run('mapping_populate', '--domain-name', 'Nowhere');
      expect(unknown).to.include({ status: 1 });
      expect(unknown.err).to.contain('Nowhere');
    });

    it('has nothing to do for a domain without a directory', async () => {
      const { status, out } = await run('mapping_populate', '--domain-name', 'Default');
      expect(status).to.equal(0);
      expect(out).to.contain('nothing to do');
    });

    it('goes in steps, of which each stays when it is cut short', async () => {
      const told: [number, number][] = [];
      const cut = look(({ providers }) =>
        providers.identity.populateMappings(domainId, (...progress) => {
          told.push(progress);
          throw new Error('cut short');
        }),
      );
      expect((await rejection(cut)).message).to.equal('cut short');
      expect(told.map(([, total]) => total)).to.deep.equal([2500]);
      const done = told[0]?.[0] ?? 0;
      expect(done).to.be.within(1, 2499);
      expect(await count({ domainId, type: 'user' })).to.equal(done);
      const rest = await run('mapping_populate', '--domain-name', 'Staff');
      expect(rest.out)
        .to.contain(`2500 users`)
        .and.contain(`, ${2500 - done} of them with a new`);
      await look(({ providers }) => providers.idMapping.purge({ domainId }));
    });

    it('makes the ids of all users, and goes on where it was', async () => {
      const first = await run('mapping_populate', '--domain-name', 'Staff');
      expect(first, first.err).to.include({ status: 0 });
      expect(first.out).to.contain('2500 users');
      expect(await count({ domainId, type: 'user' })).to.equal(2500);
      await look(({ providers }) => providers.idMapping.purge({ localId: 'id-3' }));
      const again = await run('mapping_populate', '--domain', 'Staff');
      expect(again.out).to.contain('2500 users').and.contain(', 1 of them with a new');
      expect(await count({ domainId })).to.equal(2500);
    });
  });

  describe('mapping_purge', () => {
    before(() => look(({ providers }) => providers.identity.getGroupByName('staff', domainId)));

    it('needs to be told what to purge', async () => {
      expect(await run('mapping_purge')).to.include({ status: 1, out: '' });
      const mixed = await run('mapping_purge', '--all', '--type', 'user');
      expect(mixed).to.include({ status: 1 });
      expect(mixed.err).to.contain('--all');
      expect(await run('mapping_purge', '--type', 'role')).to.include({ status: 2 });
      expect(await run('mapping_purge', '--domain-name', 'Nowhere')).to.include({ status: 1 });
      expect(await count()).to.equal(2501);
    });

    it('purges what meets all selectors, the type among them', async () => {
      const selectors = ['--domain-name', 'Staff', '--local-id', 'id-1', '--type', 'group'];
      expect((await run('mapping_purge', ...selectors, '--dry-run')).out).to.contain('1 mapping(s) would');
      expect(await count({ type: 'group' })).to.equal(1);
      expect(await run('mapping_purge', ...selectors)).to.include({
        status: 0,
        out: '1 mapping(s) deleted\n',
      });
      expect(await count({ type: 'group' })).to.equal(0);
      expect(await count({ localId: 'id-1' })).to.equal(1);
      const { id } = await look(({ providers }) => providers.identity.getUserByName('n9', domainId));
      expect((await run('mapping_purge', '--public-id', id)).out).to.contain('1 mapping(s)');
      expect(await count({ localId: 'id-9' })).to.equal(0);
      expect((await run('mapping_purge', '--domain-name', 'Other')).out).to.contain('0 mapping(s)');
    });

    it('purges everything when it is told to', async () => {
      expect((await run('mapping_purge', '--all')).out).to.contain('2499 mapping(s)');
      expect(await count()).to.equal(0);
    });
  });

  it('have help with examples', async () => {
    for (const name of ['domain_config_upload', 'mapping_populate', 'mapping_purge']) {
      const { status, out } = await run(name, '--help');
      expect(status).to.equal(0);
      expect(out).to.contain('Examples:').and.contain(`keystone-manage ${name}`);
    }
  });
});
