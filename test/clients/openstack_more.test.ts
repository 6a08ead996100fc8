/** What people delegate and restrict: python-openstackclient against the served pipeline. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Person } from './client.js';
import { type Site, startSite } from './site.js';

describe('openstack (python-openstackclient): assignments, delegation and credentials', function limited() {
  this.timeout(120_000);
  let site: Site;
  let admin: Person;
  before(async function start() {
    site = await startSite(this);
    ({ admin } = site);
    await admin.show('project create lab');
    await admin.show('role create tester');
    await admin.show('group create testers');
    for (const name of ['tina', 'tom']) await admin.show(`user create --password secret ${name}`);
    await admin.done('role add --user tina --project lab tester');
  });
  after(() => site?.stop());

  describe('role assignments', () => {
    it('are listed with their names', async () => {
      expect(await admin.list('role assignment list --names --user tina')).to.deep.equal([
        {
          Role: 'tester',
          User: 'tina@Default',
          Group: '',
          Project: 'lab@Default',
          Domain: '',
          System: '',
          Inherited: false,
        },
      ]);
    });

    it('in effect include what groups and domains bring', async () => {
      await admin.done('group add user testers tom');
      await admin.done('role add --group testers --project lab tester');
      await admin.done('role add --user tom --domain default --inherited tester');
      const effective = await admin.list('role assignment list --names --effective --user tom --project lab');
      expect(effective.map((row) => [row['User'], row['Project'], row['Inherited']])).to.have.deep.members([
        ['tom@Default', 'lab@Default', false],
        ['tom@Default', 'lab@Default', true],
      ]);
      expect(await admin.list('role assignment list --names --user tom')).to.deep.equal([
        {
          Role: 'tester',
          User: 'tom@Default',
          Group: '',
          Project: '',
          Domain: 'Default',
          System: '',
          Inherited: true,
        },
      ]);
      await admin.done('role remove --user tom --domain default --inherited tester');
    });
  });

  describe('trusts', () => {
    it('are created, listed, shown, used and deleted', async () => {
      const tina = site.person('tina', 'secret', 'lab');
      // By ids: who may not look up names has to say ids.
      const { user_id: trustor, project_id: project } = await tina.show('token issue');
      const role = (await admin.show('role show tester'))['id'];
      const trustee = (await admin.show('user show tom'))['id'];
      const created = await tina.show(
        `trust create --project ${String(project)} --role ${String(role)} --impersonate ${String(trustor)} ${String(trustee)}`,
      );
      expect(created).to.include({ impersonation: true, trustor_user_id: trustor, trustee_user_id: trustee });
      const id = String(created['id']);
      const seen = await admin.list('trust list');
      expect(seen.map((row) => row['ID'])).to.deep.equal([id]);
      expect(await tina.show(`trust show ${id}`)).to.include({ id, deleted_at: null });

      const tom = site.person('tom', 'secret', undefined, { TRUST_ID: id });
      expect(await tom.show('token issue')).to.include({ user_id: trustor });

      await tina.done(`trust delete ${id}`);
      expect(await tom.refusal('token issue')).to.match(/\(HTTP (401|403)\)/);
      expect(await admin.list('trust list')).to.deep.equal([]);
    });
  });

  describe('credentials', () => {
    it('are created, listed, shown, set and deleted', async () => {
      const created = await admin.show(['credential', 'create', '--type', 'cert', 'tina', 'a secret blob']);
      const id = String(created['id']);
      expect(created).to.include({ type: 'cert', blob: 'a secret blob' });
      expect((await admin.list('credential list --user tina')).map((row) => row['ID'])).to.deep.equal([id]);
      await admin.done(['credential', 'set', '--user', 'tina', '--type', 'cert', '--data', 'another', id]);
      expect(await admin.show(`credential show ${id}`)).to.include({ blob: 'another' });
      await admin.done(`credential delete ${id}`);
      expect(await admin.refusal(`credential show ${id}`)).to.equal(
        `No credential with a name or ID of '${id}' exists.`,
      );
    });

    it('for EC2 are created, listed, shown and deleted by who owns them', async () => {
      const tina = site.person('tina', 'secret', 'lab');
      const created = await tina.show('ec2 credentials create');
      const access = String(created['access']);
      expect(created).to.include.keys('access', 'secret', 'project_id', 'user_id');
      expect((await tina.list('ec2 credentials list')).map((row) => row['Access'])).to.deep.equal([access]);
      expect(await tina.show(`ec2 credentials show ${access}`)).to.include({ secret: created['secret'] });
      await tina.done(`ec2 credentials delete ${access}`);
      expect(await tina.list('ec2 credentials list')).to.deep.equal([]);
    });
  });

  describe('OAuth', () => {
    it('consumers are created, listed, shown, set and deleted', async () => {
      const created = await admin.show('consumer create --description Robot');
      const id = String(created['id']);
      expect(created).to.include({ description: 'Robot' });
      expect(created['secret']).to.be.a('string');
      expect((await admin.list('consumer list')).map((row) => row['ID'])).to.deep.equal([id]);
      await admin.done(`consumer set --description Android ${id}`);
      const shown = await admin.show(`consumer show ${id}`);
      expect(shown).to.include({ description: 'Android' });
      expect(shown).not.to.have.property('secret');
      await admin.done(`consumer delete ${id}`);
      expect(await admin.list('consumer list')).to.deep.equal([]);
    });

    it('a user gives a consumer an access token, step by step', async () => {
      const { id: consumer, secret } = await admin.show('consumer create --description Robot');
      const keys = `--consumer-key ${String(consumer)} --consumer-secret ${String(secret)}`;
      const asked = await admin.show(`request token create ${keys} --project admin`);
      const given = await admin.show(
        `request token authorize --request-key ${String(asked['id'])} --role admin`,
      );
      const access = await admin.show(
        `access token create ${keys} --request-key ${String(asked['id'])} --request-secret ${String(asked['secret'])} --verifier ${String(given['oauth_verifier'])}`,
      );
      expect(access).to.include.keys('id', 'secret');
    });
  });

  describe('endpoint groups', () => {
    it('are created, listed, shown, set and deleted, and show endpoints to projects', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'keystone-client-'));
      try {
        const filters = join(folder, 'filters.json');
        await writeFile(filters, JSON.stringify({ interface: 'public' }));
        const created = await admin.show(['endpoint', 'group', 'create', 'outside', filters]);
        expect(created).to.include({ name: 'outside' });
      } finally {
        await rm(folder, { recursive: true });
      }
      expect((await admin.list('endpoint group list')).map((row) => row['Name'])).to.deep.equal(['outside']);
      await admin.done('endpoint group set --name public outside');
      await admin.done('endpoint group add project public lab');
      const ofLab = await admin.list('endpoint group list --project lab');
      expect(ofLab.map((row) => row['Name'])).to.deep.equal(['public']);
      await admin.done('endpoint group remove project public lab');
      await admin.done('endpoint group delete public');
      expect(await admin.list('endpoint group list')).to.deep.equal([]);
    });
  });
});
