/** Two domains with two directories, as an administrator sets them up and their people use them, by python-openstackclient. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AD_SUFFIX, ADMIN, type RunningSlapd, SUFFIX, slapd, startSlapd } from '../support/services/slapd.js';
import { passwordOf } from '../support/services/slapd_trees.js';
import type { Person } from './client.js';
import { type Site, startSite } from './site.js';

const namesOf = (rows: readonly Record<string, unknown>[]): unknown[] => rows.map((row) => row['Name']);

const people = (server: RunningSlapd): Record<string, string> => ({
  url: `ldap://127.0.0.1:${server.port}`,
  user: ADMIN.dn,
  password: ADMIN.password,
  user_tree_dn: `ou=People,${SUFFIX}`,
  user_name_attribute: 'cn',
  group_tree_dn: `ou=Teams,${SUFFIX}`,
});
const staff = (server: RunningSlapd): Record<string, string> => ({
  url: `ldap://127.0.0.1:${server.port}`,
  user: ADMIN.dn,
  password: ADMIN.password,
  query_scope: 'sub',
  user_tree_dn: `ou=Staff,${AD_SUFFIX}`,
  user_objectclass: 'adUser',
  user_name_attribute: 'sAMAccountName',
  user_enabled_attribute: 'userAccountControl',
  user_enabled_mask: '2',
  user_enabled_default: '512',
  group_tree_dn: `ou=Cloud,${AD_SUFFIX}`,
  group_objectclass: 'adGroup',
  group_name_attribute: 'cn',
});

for (const source of ['files', 'the database'] as const) {
  describe(`openstack, with directories of domains from ${source}`, function suite() {
    this.timeout(120_000);
    let folder: string;
    const servers: RunningSlapd[] = [];
    let site: Site;
    let admin: Person;

    /** Give a domain its directory, while the service runs. */
    async function connect(domain: string, options: Record<string, string>): Promise<void> {
      await admin.show(`domain create ${domain}`);
      if (source === 'files') {
        const lines = Object.entries(options).map(([name, value]) => `${name} = ${value}`);
        const text = ['[identity]', 'driver = ldap', '[ldap]', ...lines, ''].join('\n');
        await writeFile(join(folder, 'domains', `keystone.${domain}.conf`), text);
        return;
      }
      const id = String((await admin.show(`domain show ${domain}`))['id']);
      const token = await site.cloud.adminToken();
      const answer = await site.cloud.request('PUT', `/v3/domains/${id}/config`, token, {
        config: { identity: { driver: 'ldap' }, ldap: options },
      });
      expect(answer.status, answer.text).to.equal(201);
    }
    const member = (name: string, domain: string, project?: string): Person =>
      site.person(name, passwordOf(name), project, {
        USER_DOMAIN_NAME: domain,
        USER_DOMAIN_ID: '',
      });

    before(async function prepare() {
      const missing = slapd.missing();
      if (missing !== null) {
        if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(missing);
        this.skip();
      }
      folder = await mkdtemp(join(tmpdir(), 'keystone-ldap-'));
      await chmod(folder, 0o755);
      await mkdir(join(folder, 'domains'));
      for (const name of ['one', 'two']) {
        await mkdir(join(folder, name));
        servers.push(await startSlapd(join(folder, name), { people: 12 }));
      }
      site = await startSite(this, {
        identity: [
          'domain_specific_drivers_enabled = True',
          `domain_configurations_from_database = ${source === 'files' ? 'False' : 'True'}`,
          `domain_config_dir = ${join(folder, 'domains')}`,
        ],
      });
      this.timeout(120_000);
      ({ admin } = site);
      await connect('people', people(servers[0] as RunningSlapd));
      if (source === 'files') await connect('staff', staff(servers[1] as RunningSlapd));
      if (source === 'files') await site.cloud.reloadDomains();
    });
    after(async () => {
      await site?.stop();
      await Promise.all(servers.map((server) => server.stop()));
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    });

    it('lists the users and the groups of a directory', async () => {
      const users = await admin.list('user list --domain people');
      expect(namesOf(users)).to.have.length(12).and.include('p000003');
      expect(namesOf(await admin.list('group list --domain people'))).to.deep.equal(['team0']);
      const shown = await admin.show('user show --domain people p000003');
      expect(shown).to.include({ name: 'p000003', email: 'p000003@example.org' });
      // A public id, which tells nothing of the directory.
      expect(shown['id']).to.match(/^[0-9a-f]{64}$/);
    });

    it('lets users of the directory in, and tells nobody else apart', async () => {
      expect(await member('p000003', 'people').show('token issue')).to.include.keys('id', 'user_id');
      for (const [name, password] of [
        ['p000003', 'wrong'],
        ['p000099', passwordOf('p000003')],
      ] as const) {
        const refused = site.person(name, password, undefined, {
          USER_DOMAIN_NAME: 'people',
          USER_DOMAIN_ID: '',
        });
        expect(await refused.refusal('token issue')).to.match(/requires authentication.*\(HTTP 401\)/);
      }
    });

    it('gives a role to a group of the directory, whose members then have it', async () => {
      await admin.show('project create workshop');
      await admin.show('role create builder');
      expect(await member('p000004', 'people', 'workshop').refusal('token issue')).to.match(/HTTP 401/);
      await admin.done('role add --group team0 --group-domain people --project workshop builder');
      expect(await member('p000004', 'people', 'workshop').show('token issue')).to.include.keys('project_id');
      const assignments = await admin.list('role assignment list --project workshop --names');
      expect(assignments).to.deep.equal([
        {
          Role: 'builder',
          User: '',
          Group: 'team0@people',
          Project: 'workshop@Default',
          Domain: '',
          System: '',
          Inherited: false,
        },
      ]);
      const effective = await admin.list('role assignment list --project workshop --effective --names');
      expect(effective).to.have.length(12);
      await admin.done('role remove --group team0 --group-domain people --project workshop builder');
      expect(await member('p000004', 'people', 'workshop').refusal('token issue')).to.match(/HTTP 401/);
    });

    it('gives a role to a user of a second directory, added while the service runs', async () => {
      if (source === 'the database') await connect('staff', staff(servers[1] as RunningSlapd));
      const users = await admin.list('user list --domain staff');
      const [first] = namesOf(users).map(String).sort();
      expect(users.length).to.be.greaterThan(1);
      await admin.show('project create office');
      await admin.done([
        'role',
        'add',
        '--user',
        first ?? '',
        '--user-domain',
        'staff',
        '--project',
        'office',
        'builder',
      ]);
      const shown = await admin.show(['user', 'show', '--domain', 'staff', first ?? '']);
      expect(shown).to.include({ enabled: true });
      expect(await member(first ?? '', 'staff', 'office').show('token issue')).to.include.keys('project_id');
    });

    it('keeps the directories apart', async () => {
      const [user] = await admin.list('user list --domain staff');
      const [group] = await admin.list('group list --domain people');
      const refused = await admin.refusal([
        'group',
        'add',
        'user',
        String(group?.['ID']),
        String(user?.['ID']),
      ]);
      expect(refused).to.contain('403');
      expect(await member('p000003', 'staff').refusal('token issue')).to.match(/HTTP 401/);
    });

    it('still has the users of the default domain in the database', async () => {
      expect(await admin.show('user create --domain default --password s3cret-Pw clerk')).to.include({
        name: 'clerk',
      });
      expect(namesOf(await admin.list('user list --domain default'))).to.include.members(['admin', 'clerk']);
    });
  });
}
