/** Tokens of API v2.0 in a format that is stored. */
import { expect } from 'chai';
import { ADMIN } from '../support/deployment.js';
import { type Json, Tenancy, tokenOf, type UserWithPassword } from './tenancy.js';
import { accessOf, tokenIdOf, type V2Answer, V2Cloud } from './v2_cloud.js';

describe('stored tokens of API v2.0', () => {
  let cloud: V2Cloud;
  let admin: string;
  let tenancy: Tenancy;
  before(async function start() {
    this.timeout(120_000);
    cloud = await V2Cloud.start({ token: ['provider = uuid'] });
    admin = await cloud.adminToken();
    tenancy = new Tenancy(
      { request: (method, path, token, body) => cloud.call('main', method, path, token, body) },
      admin,
    );
    await tenancy.build();
  });
  after(() => cloud.stop());

  const check = (id: string): Promise<V2Answer> => cloud.call('admin', 'GET', `/v2.0/tokens/${id}`, admin);
  const v3Token = async ({ id, password }: UserWithPassword, scope: object): Promise<string> => {
    const identity = { methods: ['password'], password: { user: { id, password } } };
    return tokenOf(await cloud.call('main', 'POST', '/v3/auth/tokens', null, { auth: { identity, scope } }));
  };

  it('are got, read through both versions, and ended', async () => {
    const answer = await cloud.withPassword(ADMIN.name, ADMIN.password, { tenantName: ADMIN.project });
    const id = tokenIdOf(answer);
    expect(id).to.match(/^[0-9a-f]{32}$/);
    const { token, user } = accessOf(await check(id));
    expect(token).to.have.nested.property('tenant.name', ADMIN.project);
    expect(user).to.include({ username: ADMIN.name });
    const headers = { 'X-Subject-Token': id };
    const read = await cloud.call('main', 'GET', '/v3/auth/tokens', admin, undefined, headers);
    expect(read.body).to.have.nested.property('token.project.name', ADMIN.project);
    expect((await cloud.call('main', 'DELETE', `/v2.0/tokens/${id}`, admin)).status).to.equal(204);
    expect((await check(id)).status).to.equal(404);
  });

  it('are read by v2.0 for users and projects of every domain, but not for a domain', async () => {
    const { alice, project, domain } = tenancy;
    const local = await tenancy.user({ domain_id: 'default' });
    await tenancy.grant('PUT', local.id, project.id);
    for (const [user, scope, tenant] of [
      [local, { unscoped: {} }, undefined],
      [alice, { unscoped: {} }, undefined],
      [alice, { project: { id: project.id } }, project.id],
      [local, { project: { id: project.id } }, project.id],
    ] as const) {
      const access = accessOf(await check(await v3Token(user, scope)));
      expect((access['user'] as Json)['id']).to.equal(user.id);
      expect(((access['token'] as Json)['tenant'] as Json | undefined)?.['id']).to.equal(tenant);
      expect(JSON.stringify(access)).not.to.contain('domain');
    }
    const ofDomain = await v3Token(alice, { domain: { id: domain.id } });
    expect((await check(ofDomain)).status).to.equal(401);
    expect((await cloud.signIn({ token: { id: ofDomain } })).status).to.equal(401);
  });

  it('are not exchanged by v2.0 for users and tenants of other domains', async () => {
    const { alice, project } = tenancy;
    const local = await tenancy.user({ domain_id: 'default' });
    await tenancy.grant('PUT', local.id, project.id);
    const signInWith = async (id: string, tenant: object = {}): Promise<number> =>
      (await cloud.signIn({ token: { id }, ...tenant })).status;
    expect(await signInWith(await v3Token(alice, { unscoped: {} }))).to.equal(401);
    const here = await v3Token(local, { project: { id: project.id } });
    expect(await signInWith(here, { tenantId: project.id })).to.equal(401);
    expect(await signInWith(here)).to.equal(200);
  });
});
