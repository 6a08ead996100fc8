/** What people type: python-openstackclient against the served pipeline. */
import { expect } from 'chai';
import type { Person } from './client.js';
import { type Site, startSite } from './site.js';

const REQUEST_ID = String.raw`\(Request-ID: req-[0-9a-f-]{36}\)`;
const namesOf = (rows: readonly Record<string, unknown>[]): unknown[] => rows.map((row) => row['Name']);

describe('openstack (python-openstackclient)', function limited() {
  this.timeout(120_000);
  let site: Site;
  let admin: Person;
  before(async function start() {
    site = await startSite(this);
    ({ admin } = site);
  });
  after(() => site?.stop());

  describe('tokens and catalog', () => {
    it('issues a token that the API takes', async () => {
      const token = await admin.show('token issue');
      expect(Object.keys(token)).to.have.members(['expires', 'id', 'project_id', 'user_id']);
      const { status } = await site.cloud.request('GET', '/v3/users', String(token['id']));
      expect(status).to.equal(200);
    });

    it('issues a token for a domain, and one without a scope', async () => {
      await admin.done('role add --user admin --domain default admin');
      const domain = site.person('admin', 'Adm1n-secret', undefined, { DOMAIN_ID: 'default' });
      expect(await domain.show('token issue')).to.include({ domain_id: 'default' });
      const unscoped = await site.person('admin', 'Adm1n-secret').show('token issue');
      expect(unscoped).to.have.all.keys('expires', 'id', 'user_id');
    });

    it('gives a token without a scope also when it is asked for by a word, as keystoneauth does', async () => {
      const user = { name: 'admin', password: 'Adm1n-secret', domain: { id: 'default' } };
      const answer = await site.cloud.request('POST', '/v3/auth/tokens', null, {
        auth: { identity: { methods: ['password'], password: { user } }, scope: 'unscoped' },
      });
      expect(answer.status, answer.text).to.equal(201);
      expect(answer.body['token']).not.to.have.any.keys('project', 'domain', 'catalog');
    });

    it('takes a token instead of a password', async () => {
      const { id } = await admin.show('token issue');
      const bearer = site.bearer(String(id), 'admin');
      expect(await bearer.show('token issue')).to.include.keys('id', 'project_id');
    });

    it('revokes a token, which then opens nothing', async () => {
      const id = String((await admin.show('token issue'))['id']);
      await admin.done(['token', 'revoke', id]);
      const bearer = site.bearer(id, 'admin');
      expect(await bearer.refusal('user list')).to.match(/\(HTTP (401|404)\)/);
    });

    it('lists the catalog', async () => {
      const url = `${site.cloud.url}/v3`;
      const [entry, ...others] = await admin.list('catalog list');
      expect(others).to.deep.equal([]);
      expect(entry).to.include({ Name: 'keystone', Type: 'identity' });
      const faces = (
        (entry?.['Endpoints'] ?? []) as { interface: string; url: string; region_id: string }[]
      ).map((endpoint) => [endpoint.region_id, endpoint.interface, endpoint.url]);
      expect(faces).to.have.deep.members([
        ['RegionOne', 'public', url],
        ['RegionOne', 'internal', url],
        ['RegionOne', 'admin', url],
      ]);
      expect(await admin.show('catalog show identity')).to.include({ name: 'keystone', type: 'identity' });
    });

    it('finds both versions of the API', async () => {
      const versions = await admin.list('versions show');
      expect(versions.map((row) => [row['Version'], row['Status']])).to.deep.equal([
        ['2.0', 'DEPRECATED'],
        ['3.7', 'CURRENT'],
      ]);
    });
  });

  describe('users', () => {
    it('are created, listed, shown, set and deleted', async () => {
      const created = await admin.show([
        ...'user create --domain default --password secret --email ann@example.com'.split(' '),
        '--description',
        'Ann of the shop',
        'ann',
      ]);
      expect(created).to.include({
        name: 'ann',
        domain_id: 'default',
        enabled: true,
        email: 'ann@example.com',
        description: 'Ann of the shop',
        password_expires_at: null,
      });
      expect(created).not.to.have.property('password');
      expect(namesOf(await admin.list('user list'))).to.include('ann');
      expect(await admin.list('user list --long')).to.deep.include({
        ID: created['id'],
        Name: 'ann',
        Project: '',
        Domain: 'default',
        Description: 'Ann of the shop',
        Email: 'ann@example.com',
        Enabled: true,
      });
      expect(await admin.show('user show ann')).to.deep.equal(created);

      await admin.done('user set --name anna --email anna@example.com --disable ann');
      const changed = await admin.show(['user', 'show', String(created['id'])]);
      expect(changed).to.include({ name: 'anna', email: 'anna@example.com', enabled: false });

      await admin.done('user delete anna');
      expect(await admin.refusal('user show anna')).to.equal("No user with a name or ID of 'anna' exists.");
    });

    it('of the same name are refused, or shown when asked for so', async () => {
      const created = await admin.show('user create --password secret twin');
      const message = await admin.refusal('user create --password secret twin');
      expect(message).to.match(
        new RegExp(`^Conflict occurred attempting to store user .*\\(HTTP 409\\) ${REQUEST_ID}$`),
      );
      expect(await admin.show('user create --password secret --or-show twin')).to.deep.equal(created);
    });

    it('change their own password', async () => {
      await admin.show('user create --password before --project admin changer');
      await admin.done('role add --user changer --project admin _member_');
      const changer = site.person('changer', 'before', 'admin');
      await changer.done('user password set --original-password before --password after');
      expect(await changer.refusal('token issue')).to.match(/\(HTTP 401\)/);
      expect(await site.person('changer', 'after', 'admin').show('token issue')).to.include.keys('id');
    });
  });

  describe('groups', () => {
    it('are created, listed, shown, set and deleted', async () => {
      const created = await admin.show(['group', 'create', '--description', 'Who sells', 'sellers']);
      expect(created).to.include({ name: 'sellers', domain_id: 'default', description: 'Who sells' });
      expect(namesOf(await admin.list('group list'))).to.include('sellers');
      await admin.done('group set --name dealers --description Trade sellers');
      expect(await admin.show('group show dealers')).to.include({ id: created['id'], description: 'Trade' });
      expect(await admin.refusal('group create dealers')).to.match(/\(HTTP 409\)/);
      await admin.done('group delete dealers');
      expect(await admin.refusal('group show dealers')).to.match(/No group with a name or ID of/);
    });

    it('have members', async () => {
      await admin.show('group create crew');
      await admin.show('user create --password secret sailor');
      const inGroup = async (): Promise<string> => (await admin.run('group contains user crew sailor')).err;
      expect(await inGroup()).to.contain('sailor not in group crew');
      await admin.done('group add user crew sailor');
      expect((await admin.run('group contains user crew sailor')).out).to.contain('sailor in group crew');
      expect(namesOf(await admin.list('user list --group crew'))).to.deep.equal(['sailor']);
      expect(namesOf(await admin.list('group list --user sailor'))).to.deep.equal(['crew']);
      await admin.done('group remove user crew sailor');
      expect(await admin.list('user list --group crew')).to.deep.equal([]);
    });
  });

  describe('domains', () => {
    it('are created, listed, shown, set and deleted', async () => {
      const created = await admin.show('domain create --description Branch branch');
      expect(created).to.include({ name: 'branch', description: 'Branch', enabled: true });
      expect(namesOf(await admin.list('domain list'))).to.have.members(['Default', 'branch']);
      await admin.done('domain set --name twig --description Twig branch');
      expect(await admin.show('domain show twig')).to.include({ id: created['id'], description: 'Twig' });
      expect(await admin.refusal('domain create twig')).to.match(/\(HTTP 409\)/);

      expect(await admin.refusal('domain delete twig')).to.match(
        /Cannot delete a domain that is enabled, please disable it first\. \(HTTP 403\)/,
      );
      await admin.done('domain set --disable twig');
      await admin.done('domain delete twig');
      expect(await admin.refusal('domain show twig')).to.equal(
        "No domain with a name or ID of 'twig' exists.",
      );
    });
  });

  describe('projects', () => {
    it('are created, listed, shown, set and deleted', async () => {
      const created = await admin.show('project create --description Shop --property floor=2 shop');
      expect(created).to.include({
        name: 'shop',
        description: 'Shop',
        domain_id: 'default',
        parent_id: 'default',
        enabled: true,
        is_domain: false,
        floor: '2',
      });
      expect(namesOf(await admin.list('project list'))).to.include('shop');
      await admin.done('project set --name store --disable --property floor=3 shop');
      expect(await admin.show('project show store')).to.include({ enabled: false, floor: '3' });
      await admin.done('project delete store');
      expect(await admin.refusal('project show store')).to.equal(
        "No project with a name or ID of 'store' exists.",
      );
    });

    it('of the same name are refused', async () => {
      await admin.show('project create only');
      expect(await admin.refusal('project create only')).to.match(/^Conflict .*\(HTTP 409\)/);
    });

    it('have parents and children', async () => {
      const top = await admin.show('project create top');
      const middle = await admin.show('project create --parent top middle');
      const leaf = await admin.show('project create --parent middle leaf');
      expect(middle).to.include({ parent_id: top['id'] });
      const shown = await admin.show('project show --parents --children middle');
      expect(shown['parents']).to.deep.equal({ [String(top['id'])]: { default: null } });
      expect(shown['subtree']).to.deep.equal({ [String(leaf['id'])]: null });
      expect(await admin.refusal('project delete top')).to.match(/\(HTTP 403\)/);
      expect(namesOf(await admin.list(`project list --parent ${String(top['id'])}`))).to.deep.equal([
        'middle',
      ]);
    });
  });

  describe('roles', () => {
    it('are created, listed, shown, set and deleted', async () => {
      const created = await admin.show('role create auditor');
      expect(created).to.include({ name: 'auditor', domain_id: null });
      expect(namesOf(await admin.list('role list'))).to.include('auditor');
      expect(await admin.refusal('role create auditor')).to.match(/\(HTTP 409\)/);
      await admin.done('role set --name reviewer auditor');
      expect(await admin.show('role show reviewer')).to.include({ id: created['id'] });
      await admin.done('role delete reviewer');
      expect(await admin.refusal('role show reviewer')).to.equal(
        "No role with a name or ID of 'reviewer' exists.",
      );
    });

    it('are of a domain when asked for so', async () => {
      await admin.show('domain create guild');
      const created = await admin.show('role create --domain guild smith');
      expect(created['domain_id']).to.be.a('string');
      expect(namesOf(await admin.list('role list'))).not.to.include('smith');
      expect(namesOf(await admin.list('role list --domain guild'))).to.deep.equal(['smith']);
    });

    it('imply others', async () => {
      await admin.show('role create boss');
      await admin.show('role create clerk');
      await admin.show('implied role create --implied-role clerk boss');
      const rules = await admin.list('implied role list');
      expect(rules.map((row) => [row['Prior Role Name'], row['Implied Role Name']])).to.deep.equal([
        ['boss', 'clerk'],
      ]);
      await admin.done('implied role delete --implied-role clerk boss');
      expect(await admin.list('implied role list')).to.deep.equal([]);
    });

    it('are added and removed, on projects and domains, to users and groups', async () => {
      await admin.show('role create helper');
      await admin.show('project create field');
      await admin.show('user create --password secret joe');
      await admin.show('group create joes');
      for (const actor of ['--user joe', '--group joes']) {
        for (const target of ['--project field', '--domain default']) {
          await admin.done(`role add ${actor} ${target} helper`);
          await admin.done(`role remove ${actor} ${target} helper`);
          expect(await admin.refusal(`role remove ${actor} ${target} helper`)).to.match(/\(HTTP 404\)/);
        }
      }
    });

    it('open a project, and close it at once when they are removed', async () => {
      await admin.show('role create visitor');
      await admin.show('project create house');
      await admin.show('user create --password secret guest');
      const guest = site.person('guest', 'secret', 'house');
      expect(await guest.refusal('token issue')).to.match(/\(HTTP 401\)/);
      await admin.done('role add --user guest --project house visitor');
      const id = String((await guest.show('token issue'))['id']);
      await admin.done('role remove --user guest --project house visitor');
      expect(await guest.refusal('token issue')).to.match(/\(HTTP 401\)/);
      const { status } = await site.cloud.request('GET', '/v3/auth/catalog', id);
      expect(status).to.equal(401);
    });
  });

  describe('services, endpoints and regions', () => {
    it('of the catalog: regions are created, listed, shown, set and deleted', async () => {
      expect(await admin.show('region create --description North north')).to.include({
        region: 'north',
        parent_region: null,
        description: 'North',
      });
      expect(await admin.show('region create --parent-region north pole')).to.include({
        parent_region: 'north',
      });
      expect((await admin.list('region list')).map((row) => row['Region'])).to.include.members([
        'north',
        'pole',
      ]);
      expect(
        (await admin.list('region list --parent-region north')).map((row) => row['Region']),
      ).to.deep.equal(['pole']);
      await admin.done('region set --description Cold pole');
      expect(await admin.show('region show pole')).to.include({ description: 'Cold' });
      expect(await admin.refusal('region create north')).to.match(/\(HTTP 409\)/);
      await admin.done('region delete pole');
      expect((await admin.list('region list')).map((row) => row['Region'])).not.to.include('pole');
    });

    it('of the catalog: services are created, listed, shown, set and deleted', async () => {
      const created = await admin.show('service create --name swift --description Objects object-store');
      expect(created).to.include({
        name: 'swift',
        type: 'object-store',
        description: 'Objects',
        enabled: true,
      });
      expect(namesOf(await admin.list('service list'))).to.include('swift');
      await admin.done('service set --name ceph --disable swift');
      expect(await admin.show('service show ceph')).to.deep.equal({
        ...created,
        name: 'ceph',
        enabled: false,
      });
      await admin.done('service delete ceph');
      expect(await admin.refusal('service show ceph')).to.contain(
        "No service with a type, name or ID of 'ceph'",
      );
    });

    it('of the catalog: endpoints are created, listed, shown, set and deleted', async () => {
      await admin.show('service create --name nova compute');
      const url = 'http://nova.example.com/v2/$(tenant_id)s';
      const created = await admin.show([
        'endpoint',
        'create',
        '--region',
        'RegionOne',
        'nova',
        'public',
        url,
      ]);
      expect(created).to.include({
        interface: 'public',
        region: 'RegionOne',
        service_name: 'nova',
        enabled: true,
        url,
      });
      const id = String(created['id']);
      expect((await admin.list('endpoint list --service nova')).map((row) => row['ID'])).to.deep.equal([id]);
      expect((await admin.list('endpoint list --interface public')).map((row) => row['ID'])).to.include(id);
      await admin.done(['endpoint', 'set', '--interface', 'internal', '--url', 'http://nova/', id]);
      expect(await admin.show(['endpoint', 'show', id])).to.include({
        interface: 'internal',
        url: 'http://nova/',
      });
      await admin.done(['endpoint', 'delete', id]);
      expect(await admin.list('endpoint list --service nova')).to.deep.equal([]);
      await admin.done('service delete nova');
    });
  });

  describe('policies', () => {
    it('are created, listed, shown, set and deleted', async () => {
      const created = await admin.show(['policy', 'create', '--type', 'application/json', '/dev/null']);
      const id = String(created['id']);
      expect(created).to.include({ type: 'application/json', rules: '' });
      expect((await admin.list('policy list')).map((row) => row['ID'])).to.deep.equal([id]);
      await admin.done(['policy', 'set', '--type', 'text/plain', id]);
      expect(await admin.show(['policy', 'show', id])).to.include({ type: 'text/plain' });
      await admin.done(['policy', 'delete', id]);
      expect(await admin.list('policy list')).to.deep.equal([]);
    });
  });

  describe('the errors that a person sees', () => {
    before(async () => {
      await admin.show('user create --password secret plain');
      await admin.done('role add --user plain --project admin _member_');
    });

    it('for a wrong password and for an unknown name are the same', async () => {
      const messages = await Promise.all(
        [site.person('plain', 'wrong', 'admin'), site.person('nobody', 'wrong', 'admin')].map((person) =>
          person.refusal('token issue'),
        ),
      );
      const expected = new RegExp(
        `^The request you have made requires authentication\\. \\(HTTP 401\\) ${REQUEST_ID}$`,
      );
      for (const message of messages) expect(message).to.match(expected);
    });

    it('for a missing right name the action', async () => {
      const plain = site.person('plain', 'secret', 'admin');
      for (const [command, action] of [
        ['user list', 'identity:list_users'],
        ['project create no', 'identity:create_project'],
        ['service list', 'identity:list_services'],
        ['role create no', 'identity:create_role'],
      ] as const) {
        expect(await plain.refusal(command)).to.match(
          new RegExp(
            `^You are not authorized to perform the requested action: ${action}\\.? \\(HTTP 403\\) ${REQUEST_ID}$`,
          ),
        );
      }
    });

    it('for an unknown project are those of a wrong password', async () => {
      expect(await site.person('plain', 'secret', 'nowhere').refusal('token issue')).to.match(/\(HTTP 401\)/);
    });

    it('for an unknown id name the id', async () => {
      for (const kind of ['user', 'group', 'project', 'domain', 'role']) {
        expect(await admin.refusal(`${kind} show 0123abcd`)).to.equal(
          `No ${kind} with a name or ID of '0123abcd' exists.`,
        );
      }
    });

    it('for a bad value say what is wrong with it', async () => {
      expect(await admin.refusal(['user', 'create', '--password', 'secret', ' '])).to.match(/\(HTTP 400\)/);
      expect(await admin.refusal(['project', 'create', 'x'.repeat(65)])).to.match(/\(HTTP 400\)/);
    });
  });
});
