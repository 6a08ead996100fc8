/** Tenants of API v2.0: those of the caller on the public stack, all of them on the admin stack. */
import { expect } from 'chai';
import { ADMIN } from '../support/deployment.js';
import { type Json, type Named, Tenancy } from './tenancy.js';
import { messageOf, tokenIdOf, type V2Answer, V2Cloud } from './v2_cloud.js';

describe('tenants of API v2.0', () => {
  let cloud: V2Cloud;
  let admin: string;
  let tenancy: Tenancy;
  before(async function start() {
    this.timeout(120_000);
    // Lists of v2.0 have pages instead.
    cloud = await V2Cloud.start({ resource: ['list_limit = 2'] });
    admin = await cloud.adminToken();
    tenancy = new Tenancy(
      { request: (method, path, token, body) => cloud.call('main', method, path, token, body) },
      admin,
    );
    await tenancy.build();
  });
  after(() => cloud.stop());

  const call = (method: string, path: string, body?: object, token = admin): Promise<V2Answer> =>
    cloud.call('admin', method, `/v2.0/tenants${path}`, token, body);
  const create = async (attributes: Json): Promise<Named> => {
    const { status, text, body } = await call('POST', '', { tenant: attributes });
    expect(status, text).to.equal(200);
    return body['tenant'] as Named;
  };
  const namesOf = ({ status, text, body }: V2Answer): string[] => {
    expect(status, text).to.equal(200);
    expect(body['tenants_links']).to.deep.equal([]);
    return (body['tenants'] as Named[]).map(({ name }) => name);
  };

  it('are projects of the default domain', async () => {
    const tenant = await create({ name: 'one', 'OS-X:colour': 'blue', domain_id: tenancy.domain.id });
    expect(tenant).to.deep.equal({
      id: tenant.id,
      name: 'one',
      description: '',
      enabled: true,
      OS_X_colour: 'blue',
    });
    const { body } = await cloud.call('main', 'GET', `/v3/projects/${tenant.id}`, admin);
    expect(body['project']).to.include({ domain_id: 'default', parent_id: 'default', is_domain: false });
    expect((await call('GET', `/${tenant.id}`)).body).to.deep.equal({ tenant });
    expect((await call('GET', '?name=one')).body).to.deep.equal({ tenant });
  });

  it('may have ids that were chosen for them, each one only once', async () => {
    expect(await create({ name: 'chosen', id: 'my-own-id' })).to.have.property('id', 'my-own-id');
    expect((await call('POST', '', { tenant: { name: 'other', id: 'my-own-id' } })).status).to.equal(409);
    expect((await call('POST', '', { tenant: { name: 'chosen' } })).status).to.equal(409);
  });

  for (const method of ['PUT', 'POST']) {
    it(`are changed by ${method}`, async () => {
      const { id } = await create({ name: `changed-by-${method}` });
      const changes = { description: 'new', enabled: false, colour: 'red' };
      const { status, body } = await call(method, `/${id}`, { tenant: changes });
      expect(status).to.equal(200);
      expect(body['tenant']).to.deep.equal({
        id,
        name: `changed-by-${method}`,
        ...changes,
        extra: { colour: 'red' },
      });
    });
  }

  it('are deleted', async () => {
    const { id } = await create({ name: 'gone' });
    expect((await call('DELETE', `/${id}`)).status).to.equal(204);
    for (const method of ['GET', 'DELETE']) expect((await call(method, `/${id}`)).status).to.equal(404);
  });

  it('are no domains', async () => {
    for (const id of ['default', tenancy.domain.id, 'nowhere']) {
      expect((await call('GET', `/${id}`)).status, id).to.equal(404);
      expect((await call('PUT', `/${id}`, { tenant: { enabled: false } })).status, id).to.equal(404);
      expect((await call('DELETE', `/${id}`)).status, id).to.equal(404);
    }
    expect((await call('GET', `?name=${tenancy.project.name}`)).status).to.equal(404);
    for (const more of [{ is_domain: true }, { name: '' }, { name: 'x'.repeat(65) }, { enabled: 'yes' }]) {
      expect((await call('POST', '', { tenant: { name: 'n', ...more } })).status).to.equal(400);
    }
    const { id } = await create({ name: 'stays' });
    for (const changes of [{ is_domain: true }, { domain_id: 'other' }, { id: 'other' }, {}]) {
      expect((await call('PUT', `/${id}`, { tenant: changes })).status).to.equal(400);
    }
    expect((await call('POST', '', { tenant: { name: 'n' }, more: 1 })).status).to.equal(400);
  });

  it('are listed by pages, all of them', async () => {
    for (const name of ['page-1', 'page-2', 'page-3', 'page-4']) await create({ name });
    const all = await call('GET', '');
    const names = namesOf(all);
    expect(names).to.include.members([ADMIN.project, 'page-1', 'page-2', 'page-3', 'page-4']);
    expect(names).not.to.include(tenancy.project.name);
    expect(names).not.to.include('Default');
    const ids = (all.body['tenants'] as Named[]).map(({ id }) => id);
    expect(namesOf(await call('GET', '?limit=2'))).to.deep.equal(names.slice(0, 2));
    expect(namesOf(await call('GET', `?limit=2&marker=${ids[1]}`))).to.deep.equal(names.slice(2, 4));
    expect(namesOf(await call('GET', `?marker=${ids.at(-2)}`))).to.deep.equal(names.slice(-1));
    expect(namesOf(await call('GET', `?marker=${ids.at(-1)}`))).to.deep.equal([]);
    expect(namesOf(await call('GET', '?limit=0'))).to.deep.equal([]);
    for (const limit of ['-1', 'x', '1.5', '']) {
      const answer = await call('GET', `?limit=${limit}`);
      expect([answer.status, messageOf(answer)]).to.deep.equal([400, 'Invalid limit value']);
    }
    const unknown = await call('GET', '?marker=nowhere');
    expect([unknown.status, messageOf(unknown)]).to.deep.equal([400, 'Marker could not be found']);
  });

  it('are shown to their members on the public stack', async () => {
    const tenant = await create({ name: 'of-a-member' });
    const user = await tenancy.user({ domain_id: 'default' });
    await tenancy.grant('PUT', user.id, tenant.id);
    // A project of another domain is no tenant.
    await tenancy.grant('PUT', user.id, tenancy.project.id);
    const token = tokenIdOf(await cloud.withPassword(user.name, user.password));
    const own = (query = '', by: string | null = token): Promise<V2Answer> =>
      cloud.call('main', 'GET', `/v2.0/tenants${query}`, by);
    expect((await own()).body).to.deep.equal({ tenants: [tenant], tenants_links: [] });
    expect(namesOf(await own(`?marker=${tenant.id}`))).to.deep.equal([]);
    expect((await own('?limit=x')).status).to.equal(400);
    expect((await own('', null)).status).to.equal(401);
  });

  it('are for administrators on the admin stack', async () => {
    const user = await tenancy.user({ domain_id: 'default' });
    const { id } = await create({ name: 'of-nobody' });
    await tenancy.grant('PUT', user.id, id);
    const unscoped = tokenIdOf(await cloud.withPassword(user.name, user.password));
    const scoped = tokenIdOf(await cloud.withPassword(user.name, user.password, { tenantId: id }));
    for (const [token, status] of [
      [unscoped, 401],
      ['nonsense', 401],
      [scoped, 403],
    ] as const) {
      expect((await call('GET', '', undefined, token)).status).to.equal(status);
      expect((await call('GET', '/nowhere', undefined, token)).status).to.equal(status);
      expect((await call('POST', '', { tenant: {} }, token)).status).to.equal(status);
      expect((await call('DELETE', `/${id}`, undefined, token)).status).to.equal(status);
    }
    const refused = await call('GET', '', undefined, scoped);
    expect(messageOf(refused)).to.equal(
      'You are not authorized to perform the requested action: admin_required',
    );
  });
});
