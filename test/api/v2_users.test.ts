/** Users of API v2.0, their tenants, and their roles on tenants, on the admin stack. */
import { expect } from 'chai';
import { ADMIN } from '../support/deployment.js';
import { type Json, type Named, Tenancy } from './tenancy.js';
import { messageOf, tokenIdOf, type V2Answer, V2Cloud } from './v2_cloud.js';

const MEMBER = '9fe2ff9ee4384b1894a90878d3e92bab';

describe('users of API v2.0', () => {
  let cloud: V2Cloud;
  let admin: string;
  let tenancy: Tenancy;
  /** Two tenants. */
  let red: Named;
  let blue: Named;
  before(async function start() {
    this.timeout(120_000);
    cloud = await V2Cloud.start();
    admin = await cloud.adminToken();
    tenancy = new Tenancy(
      { request: (method, path, token, body) => cloud.call('main', method, path, token, body) },
      admin,
    );
    await tenancy.build();
    red = await tenancy.newProject({ domain_id: 'default', name: 'red' });
    blue = await tenancy.newProject({ domain_id: 'default', name: 'blue' });
  });
  after(() => cloud.stop());

  const call = (method: string, path: string, body?: object, token = admin): Promise<V2Answer> =>
    cloud.call('admin', method, `/v2.0${path}`, token, body);
  const userIn = ({ status, text, body }: V2Answer): Json => {
    expect(status, text).to.equal(200);
    return body['user'] as Json;
  };
  const create = async (attributes: Json): Promise<Named> =>
    userIn(await call('POST', '/users', { user: attributes })) as unknown as Named;
  const rolesOn = async (userId: string, tenant: Named): Promise<string[]> => {
    const { status, text, body } = await call('GET', `/tenants/${tenant.id}/users/${userId}/roles`);
    expect(status, text).to.equal(200);
    return (body['roles'] as Named[]).map(({ id }) => id);
  };

  it('are users of the default domain', async () => {
    const user = await create({ name: 'ann', email: 'ann@example', password: 'secret', domain_id: 'other' });
    expect(user).to.deep.equal({
      id: user.id,
      name: 'ann',
      username: 'ann',
      email: 'ann@example',
      enabled: true,
    });
    expect((await call('GET', `/users/${user.id}`)).body).to.deep.equal({ user });
    expect((await call('GET', '/users?name=ann')).body).to.deep.equal({ user });
    const { body } = await cloud.call('main', 'GET', `/v3/users/${user.id}`, admin);
    expect(body['user']).to.include({ name: 'ann', domain_id: 'default', email: 'ann@example' });
    expect((await cloud.withPassword('ann', 'secret')).status).to.equal(200);
  });

  it('have their names and passwords under two names', async () => {
    const user = await create({ username: 'bob', 'OS-KSADM:password': 'secret', 'X:y': 1 });
    expect(user).to.include({ name: 'bob', username: 'bob', X_y: 1 });
    expect((await cloud.withPassword('bob', 'secret')).status).to.equal(200);
    const renamed = userIn(await call('PUT', `/users/${user.id}`, { user: { username: 'rob' } }));
    expect(renamed).to.include({ name: 'rob', username: 'rob' });
  });

  it('are listed, without those of other domains', async () => {
    const user = await create({ name: 'listed' });
    const { body } = await call('GET', '/users');
    const names = (body['users'] as Named[]).map(({ name }) => name);
    expect(names).to.include.members(['listed', ADMIN.name]).and.not.to.include(tenancy.alice.name);
    expect((body['users'] as Named[]).find(({ id }) => id === user.id)).to.deep.equal(user);
    expect((await call('GET', `/users?name=${tenancy.alice.name}`)).status).to.equal(404);
  });

  it('get the member role with a tenant, and change it with the tenant', async () => {
    const user = await create({ name: 'member', tenantId: red.id });
    expect(user).to.include({ tenantId: red.id });
    expect(await rolesOn(user.id, red)).to.deep.equal([MEMBER]);
    const { body } = await call('GET', `/OS-KSADM/roles/${MEMBER}`);
    expect(body['role']).to.deep.equal({ id: MEMBER, name: '_member_', domain_id: null });
    const moved = await call('PUT', `/users/${user.id}/OS-KSADM/tenant`, {
      user: { id: user.id, tenantId: blue.id },
    });
    expect(userIn(moved)).to.include({ tenantId: blue.id });
    expect(await rolesOn(user.id, red)).to.deep.equal([]);
    expect(await rolesOn(user.id, blue)).to.deep.equal([MEMBER]);
    // A tenant that is named again changes nothing, and no tenant is no change.
    for (const tenantId of [blue.id, null]) {
      expect(userIn(await call('PUT', `/users/${user.id}/tenant`, { user: { tenantId } }))).to.include({
        tenantId: blue.id,
      });
    }
    expect(await rolesOn(user.id, blue)).to.deep.equal([MEMBER]);
  });

  it('are not made for tenants that do not exist', async () => {
    expect((await call('POST', '/users', { user: { name: 'lost', tenantId: 'nowhere' } })).status).to.equal(
      404,
    );
    expect((await call('GET', '/users?name=lost')).status).to.equal(404);
    const { id } = await create({ name: 'stays' });
    expect((await call('PUT', `/users/${id}`, { user: { tenantId: 'nowhere' } })).status).to.equal(404);
  });

  it('move on from a tenant that is gone', async () => {
    const gone = await tenancy.newProject({ domain_id: 'default' });
    const user = await create({ name: 'orphan', tenantId: gone.id });
    expect((await call('DELETE', `/tenants/${gone.id}`)).status).to.equal(204);
    userIn(await call('PUT', `/users/${user.id}/tenant`, { user: { tenantId: red.id } }));
    expect(await rolesOn(user.id, red)).to.deep.equal([MEMBER]);
  });

  for (const form of ['', 'OS-KSADM/']) {
    it(`are disabled and get new passwords at ${form === '' ? 'the old paths' : form}`, async function change() {
      this.timeout(120_000);
      const name = `changed-${form.length}`;
      const user = await create({ name, password: 'old-secret', email: 'e' });
      const token = tokenIdOf(await cloud.withPassword(name, 'old-secret'));
      const path = `/users/${user.id}/${form}`;
      const changed = await call('PUT', `${path}password`, { user: { id: user.id, password: 'new-secret' } });
      expect(userIn(changed)).to.deep.equal({ ...user, extra: { email: 'e' } });
      expect((await cloud.withPassword(name, 'old-secret')).status).to.equal(401);
      expect((await call('GET', `/tokens/${token}`)).status).to.equal(404);
      expect((await cloud.withPassword(name, 'new-secret')).status).to.equal(200);
      const disabled = await call('PUT', `${path}enabled`, { user: { id: user.id, enabled: false } });
      expect(userIn(disabled)).to.include({ enabled: false });
      expect((await cloud.withPassword(name, 'new-secret')).status).to.equal(401);
      expect((await call('PUT', `${path}enabled`, { user: {} })).status).to.equal(400);
    });
  }

  it('are refused when they are malformed or taken', async () => {
    await create({ name: 'taken' });
    expect((await call('POST', '/users', { user: { name: 'taken' } })).status).to.equal(409);
    for (const user of [{}, { name: '' }, { name: 'n', enabled: 'yes' }, { name: 'n', tenantId: 'a b' }]) {
      expect((await call('POST', '/users', { user })).status, JSON.stringify(user)).to.equal(400);
    }
    expect((await call('POST', '/users', {})).status).to.equal(400);
  });

  it('are deleted', async () => {
    const { id } = await create({ name: 'leaves' });
    expect((await call('DELETE', `/users/${id}`)).status).to.equal(204);
    for (const method of ['GET', 'DELETE']) expect((await call(method, `/users/${id}`)).status).to.equal(404);
    expect((await call('PUT', `/users/${id}`, { user: { enabled: true } })).status).to.equal(404);
  });

  describe('with roles on tenants', () => {
    it('are granted each role once', async () => {
      const user = await create({ name: 'granted' });
      const path = `/tenants/${red.id}/users/${user.id}/roles/OS-KSADM/${tenancy.role.id}`;
      const { status, body } = await call('PUT', path);
      expect(status).to.equal(200);
      expect(body).to.deep.equal({
        role: { id: tenancy.role.id, name: tenancy.role.name, domain_id: null },
      });
      const again = await call('PUT', path);
      expect([again.status, messageOf(again)]).to.deep.equal([
        409,
        `Conflict occurred attempting to store role grant - User ${user.id} already has role ${tenancy.role.id} in tenant ${red.id}`,
      ]);
      expect(await rolesOn(user.id, red)).to.deep.equal([tenancy.role.id]);
      expect((await call('DELETE', path)).status).to.equal(204);
      expect((await call('DELETE', path)).status).to.equal(404);
      expect(await rolesOn(user.id, red)).to.deep.equal([]);
    });

    it('need all that a role is about', async () => {
      const { id } = await create({ name: 'about' });
      const at = (tenant: string, user: string, role: string): Promise<V2Answer> =>
        call('PUT', `/tenants/${tenant}/users/${user}/roles/OS-KSADM/${role}`);
      expect((await at('nowhere', id, MEMBER)).status).to.equal(404);
      expect((await at(red.id, 'nobody', MEMBER)).status).to.equal(404);
      expect((await at(red.id, id, 'nothing')).status).to.equal(404);
      expect((await call('GET', `/tenants/nowhere/users/${id}/roles`)).status).to.equal(404);
      for (const path of [`/tenants/${red.id}/users/nobody/roles`, '/users/nobody/roleRefs']) {
        const answer = await call('GET', path);
        expect(answer.status).to.equal(404);
        expect(answer.text).to.contain('Could not find user: nobody');
      }
      expect((await call('GET', '/tenants/nowhere/users')).status).to.equal(404);
    });

    it('have none without a tenant', async () => {
      for (const [method, path] of [
        ['GET', '/users/u/roles'],
        ['PUT', '/users/u/roles/OS-KSADM/r'],
        ['DELETE', '/users/u/roles/OS-KSADM/r'],
      ] as const) {
        const answer = await call(method, path);
        expect([answer.status, messageOf(answer)]).to.deep.equal([
          501,
          'User roles not supported: tenant_id required',
        ]);
      }
    });

    it('are the users of a tenant, through groups as well', async () => {
      const tenant = await tenancy.newProject({ domain_id: 'default' });
      const [direct, grouped] = [await create({ name: 'direct' }), await create({ name: 'grouped' })];
      await tenancy.grant('PUT', direct.id, tenant.id);
      const group = await tenancy.create('group', { domain_id: 'default' });
      await cloud.call('main', 'PUT', `/v3/groups/${group.id}/users/${grouped.id}`, admin);
      const grant = `/v3/projects/${tenant.id}/groups/${group.id}/roles/${tenancy.role.id}`;
      expect((await cloud.call('main', 'PUT', grant, admin)).status).to.equal(204);
      const { body } = await call('GET', `/tenants/${tenant.id}/users`);
      expect(body['users']).to.have.deep.members([direct, grouped]);
      expect(await rolesOn(grouped.id, tenant)).to.deep.equal([tenancy.role.id]);
    });

    it('have references to their roles, by which these are taken back', async () => {
      const user = await create({ name: 'referenced' });
      const path = `/users/${user.id}/roleRefs`;
      expect((await call('GET', path)).body).to.deep.equal({ roles: [] });
      // A project of another domain is no tenant.
      await tenancy.grant('PUT', user.id, tenancy.project.id);
      const made = await call('POST', path, { role: { tenantId: red.id, roleId: tenancy.role.id } });
      expect(made.body).to.have.nested.property('role.id', tenancy.role.id);
      const ref = {
        id: `roleId=${tenancy.role.id}&tenantId=${red.id}&userId=${user.id}`,
        roleId: tenancy.role.id,
        tenantId: red.id,
        userId: user.id,
      };
      expect((await call('GET', path)).body).to.deep.equal({ roles: [ref] });
      for (const role of [{}, { tenantId: red.id }, { roleId: MEMBER }]) {
        expect((await call('POST', path, { role })).status).to.equal(400);
      }
      for (const id of ['nonsense', 'roleId=x', encodeURIComponent(`${ref.id}x`)]) {
        expect((await call('DELETE', `${path}/${id}`)).status, id).to.equal(404);
      }
      expect((await call('DELETE', `${path}/${encodeURIComponent(ref.id)}`)).status).to.equal(204);
      expect((await call('GET', path)).body).to.deep.equal({ roles: [] });
    });
  });
});
