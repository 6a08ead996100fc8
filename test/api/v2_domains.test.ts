/** API v2.0 knows one domain: what is in others does not exist there, not even for who knows the ids. */
import { expect } from 'chai';
import { type Named, Tenancy, type UserWithPassword } from './tenancy.js';
import { tokenIdOf, type V2Answer, V2Cloud } from './v2_cloud.js';

describe('entities of other domains in API v2.0', () => {
  let cloud: V2Cloud;
  let admin: string;
  /** Its user, project and domain are elsewhere; its role is global. */
  let elsewhere: Tenancy;
  let tenant: Named;
  let user: UserWithPassword;
  let localRole: Named;
  before(async function start() {
    this.timeout(120_000);
    cloud = await V2Cloud.start();
    admin = await cloud.adminToken();
    elsewhere = new Tenancy(
      { request: (method, path, token, body) => cloud.call('main', method, path, token, body) },
      admin,
    );
    await elsewhere.build();
    tenant = await elsewhere.newProject({ domain_id: 'default' });
    user = await elsewhere.user({ domain_id: 'default' });
    localRole = await elsewhere.create('role', { domain_id: elsewhere.domain.id });
  });
  after(() => cloud.stop());

  const call = (method: string, path: string, body?: object): Promise<V2Answer> =>
    cloud.call('admin', method, `/v2.0${path}`, admin, body);
  const expectMissing = async (method: string, path: string, body?: object): Promise<void> => {
    const { status, text } = await call(method, path, body);
    expect(status, `${method} ${path}: ${text}`).to.equal(404);
  };
  /** As v3 has it. */
  const stored = async (path: string): Promise<V2Answer['body']> => {
    const { status, body } = await cloud.call('main', 'GET', `/v3${path}`, admin);
    expect(status).to.equal(200);
    return body;
  };

  it('are no users', async () => {
    const { id } = elsewhere.alice;
    const before = await stored(`/users/${id}`);
    await expectMissing('GET', `/users/${id}`);
    await expectMissing('PUT', `/users/${id}`, { user: { email: 'new@example.com' } });
    for (const form of ['', 'OS-KSADM/']) {
      await expectMissing('PUT', `/users/${id}/${form}password`, { user: { password: 'another' } });
      await expectMissing('PUT', `/users/${id}/${form}enabled`, { user: { enabled: false } });
      await expectMissing('PUT', `/users/${id}/${form}tenant`, { user: { tenantId: tenant.id } });
    }
    await expectMissing('DELETE', `/users/${id}`);
    expect(await stored(`/users/${id}`)).to.deep.equal(before);
  });

  it('are no tenants, and neither are domains', async () => {
    const before = await stored(`/projects/${elsewhere.project.id}`);
    for (const { id } of [elsewhere.project, elsewhere.domain, { id: 'default' }]) {
      await expectMissing('GET', `/tenants/${id}`);
      await expectMissing('PUT', `/tenants/${id}`, { tenant: { description: 'new' } });
      await expectMissing('POST', `/tenants/${id}`, { tenant: { enabled: false } });
      await expectMissing('DELETE', `/tenants/${id}`);
      await expectMissing('GET', `/tenants/${id}/users`);
      await expectMissing('GET', `/tenants/${id}/users/${user.id}/roles`);
      await expectMissing('POST', '/users', { user: { name: 'new', tenantId: id } });
      await expectMissing('PUT', `/users/${user.id}`, { user: { tenantId: id } });
    }
    expect(await stored(`/projects/${elsewhere.project.id}`)).to.deep.equal(before);
  });

  it('are no roles, where they belong to a domain', async () => {
    await expectMissing('GET', `/OS-KSADM/roles/${localRole.id}`);
    await expectMissing('DELETE', `/OS-KSADM/roles/${localRole.id}`);
    await stored(`/roles/${localRole.id}`);
    const at = `/tenants/${tenant.id}/users/${user.id}/roles/OS-KSADM`;
    await expectMissing('PUT', `${at}/${localRole.id}`);
  });

  it('get no roles and lose none', async () => {
    const { role, alice, project } = elsewhere;
    for (const [tenantId, userId] of [
      [tenant.id, alice.id],
      [project.id, user.id],
      [project.id, alice.id],
    ] as const) {
      const path = `/tenants/${tenantId}/users/${userId}/roles`;
      await expectMissing('GET', path);
      await expectMissing('PUT', `${path}/OS-KSADM/${role.id}`);
      await expectMissing('DELETE', `${path}/OS-KSADM/${role.id}`);
      const refs = `/users/${userId}/roleRefs`;
      await expectMissing('POST', refs, { role: { tenantId, roleId: role.id } });
      const ref = new URLSearchParams({ roleId: role.id, tenantId, userId });
      await expectMissing('DELETE', `${refs}/${encodeURIComponent(ref.toString())}`);
    }
    await expectMissing('GET', `/users/${alice.id}/roleRefs`);
    const { status } = await cloud.call(
      'main',
      'HEAD',
      `/v3/projects/${project.id}/users/${alice.id}/roles/${role.id}`,
      admin,
    );
    expect(status).to.equal(204);
  });

  it('are not among the users of a tenant, though they have a role there', async () => {
    await elsewhere.grant('PUT', user.id, tenant.id);
    await elsewhere.grant('PUT', elsewhere.alice.id, tenant.id);
    const { body } = await call('GET', `/tenants/${tenant.id}/users`);
    expect((body['users'] as Named[]).map(({ id }) => id)).to.deep.equal([user.id]);
  });

  it('do not sign in, and get no token for a tenant', async () => {
    const { alice, project } = elsewhere;
    const login = { passwordCredentials: { userId: alice.id, password: alice.password } };
    expect((await cloud.signIn(login)).status).to.equal(401);
    expect((await cloud.withPassword(user.name, user.password, { tenantId: project.id })).status).to.equal(
      401,
    );
    expect(
      tokenIdOf(await cloud.withPassword(user.name, user.password, { tenantId: tenant.id })),
    ).not.to.equal('');
  });
});
