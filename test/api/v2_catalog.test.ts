/** Services, endpoints and roles of API v2.0, which are those of v3 in another form. */
import { expect } from 'chai';
import { ADMIN } from '../support/deployment.js';
import { type Json, type Named, Tenancy } from './tenancy.js';
import { accessOf, messageOf, type V2Answer, V2Cloud } from './v2_cloud.js';

describe('the catalog of API v2.0', () => {
  let cloud: V2Cloud;
  let admin: string;
  let tenancy: Tenancy;
  before(async function start() {
    this.timeout(120_000);
    cloud = await V2Cloud.start();
    admin = await cloud.adminToken();
    tenancy = new Tenancy(
      { request: (method, path, token, body) => cloud.call('main', method, path, token, body) },
      admin,
    );
  });
  after(() => cloud.stop());

  const call = (method: string, path: string, body?: object): Promise<V2Answer> =>
    cloud.call('admin', method, `/v2.0${path}`, admin, body);
  const v3 = async (path: string): Promise<Json> =>
    (await cloud.call('admin', 'GET', `/v3${path}`, admin)).body;

  it('has services, made and seen through both versions', async () => {
    const made = await call('POST', '/OS-KSADM/services', {
      'OS-KSADM:service': { name: 'nova', type: 'compute', description: 'Servers' },
    });
    expect(made.status, made.text).to.equal(200);
    const service = made.body['OS-KSADM:service'] as Named;
    expect(service).to.deep.equal({
      id: service.id,
      name: 'nova',
      type: 'compute',
      description: 'Servers',
      enabled: true,
    });
    expect((await v3(`/services/${service.id}`))['service']).to.include({ name: 'nova', type: 'compute' });
    const path = `/OS-KSADM/services/${service.id}`;
    expect((await call('GET', path)).body).to.deep.equal({ 'OS-KSADM:service': service });
    expect((await call('GET', '/OS-KSADM/services')).body['OS-KSADM:services']).to.deep.include(service);
    expect((await call('DELETE', path)).status).to.equal(204);
    for (const method of ['GET', 'DELETE']) expect((await call(method, path)).status).to.equal(404);
    expect((await call('POST', '/OS-KSADM/services', { 'OS-KSADM:service': { name: 'n' } })).status).to.equal(
      400,
    );
  });

  it('has endpoints with three URLs, which are three endpoints of v3', async () => {
    const service = await tenancy.create('service', { type: 'image' });
    const urls = { publicurl: 'http://p/$(tenant_id)s', internalurl: 'http://i', adminurl: 'http://a' };
    const given = { region: 'Somewhere', service_id: service.id, ...urls };
    const made = await call('POST', '/endpoints', { endpoint: { ...given, colour: 'red' } });
    expect(made.status, made.text).to.equal(200);
    const endpoint = made.body['endpoint'] as Named;
    expect(endpoint).to.deep.equal({ ...given, colour: 'red', id: endpoint.id });
    const listed = (await call('GET', '/endpoints')).body['endpoints'] as Named[];
    expect(listed).to.deep.equal([{ ...given, colour: 'red', enabled: true, id: endpoint.id }]);
    const { endpoints } = await v3(`/endpoints?service_id=${service.id}`);
    expect(
      (endpoints as Json[]).map(({ interface: kind, url, region_id: region }) => [kind, url, region]),
    ).to.have.deep.members([
      ['public', urls.publicurl, 'Somewhere'],
      ['internal', 'http://i', 'Somewhere'],
      ['admin', 'http://a', 'Somewhere'],
    ]);
    const answer = await cloud.withPassword(ADMIN.name, ADMIN.password, { tenantName: ADMIN.project });
    const { serviceCatalog, token } = accessOf(answer);
    const tenantId = ((token as Json)['tenant'] as Named).id;
    const [shown] = ((serviceCatalog as Json[]).find(({ type }) => type === 'image') as Json)[
      'endpoints'
    ] as Json[];
    expect(shown).to.include({
      region: 'Somewhere',
      publicURL: `http://p/${tenantId}`,
      internalURL: 'http://i',
      adminURL: 'http://a',
    });
    expect((await call('DELETE', `/endpoints/${endpoint.id}`)).status).to.equal(204);
    expect((await v3(`/endpoints?service_id=${service.id}`))['endpoints']).to.deep.equal([]);
    expect((await call('DELETE', `/endpoints/${endpoint.id}`)).status).to.equal(404);
  });

  it('joins endpoints that v3 made by service and region, where there is a public one', async () => {
    const service = await tenancy.create('service', { type: 'volume' });
    const at = (kind: string, region: string): Promise<Named> =>
      tenancy.create('endpoint', {
        service_id: service.id,
        interface: kind,
        url: `http://${kind}.${region}`,
        region,
      });
    const shown = await at('public', 'north');
    await at('admin', 'north');
    await at('admin', 'south');
    const { endpoints } = (await call('GET', '/endpoints')).body;
    expect((endpoints as Json[]).filter(({ service_id: id }) => id === service.id)).to.deep.equal([
      {
        id: shown.id,
        service_id: service.id,
        region: 'north',
        enabled: true,
        publicurl: 'http://public.north',
        adminurl: 'http://admin.north',
      },
    ]);
    // It is not v2.0's to delete.
    expect((await call('DELETE', `/endpoints/${shown.id}`)).status).to.equal(404);
  });

  it('refuses endpoints without a public URL, without a service, and with broken URLs, as a whole', async () => {
    const service = await tenancy.create('service', { type: 'broken' });
    const given = { region: 'r', service_id: service.id, publicurl: 'http://p' };
    for (const [change, text] of [
      [{ publicurl: '' }, 'publicurl field is required and cannot be empty'],
      [{ service_id: null }, 'service_id field is required and cannot be empty'],
    ] as const) {
      const answer = await call('POST', '/endpoints', { endpoint: { ...given, ...change } });
      expect([answer.status, messageOf(answer)]).to.deep.equal([400, text]);
    }
    for (const change of [{ adminurl: 'http://$(nonsense)s' }, { service_id: 'nothing' }, { publicurl: 7 }]) {
      expect((await call('POST', '/endpoints', { endpoint: { ...given, ...change } })).status).to.equal(400);
    }
    expect((await v3(`/endpoints?service_id=${service.id}`))['endpoints']).to.deep.equal([]);
    // Regions are not needed, nor are the other two URLs.
    const { status, body } = await call('POST', '/endpoints', {
      endpoint: { service_id: service.id, publicurl: 'http://p', adminurl: '', internalurl: null },
    });
    expect(status).to.equal(200);
    expect(body['endpoint']).to.have.all.keys('id', 'service_id', 'publicurl');
  });

  it('has the global roles of v3', async () => {
    const made = await call('POST', '/OS-KSADM/roles', {
      role: { name: 'operator', id: 'x', domain_id: 'y' },
    });
    const role = made.body['role'] as Named;
    expect(made.status).to.equal(200);
    expect(role).to.deep.equal({ id: role.id, name: 'operator', domain_id: null });
    expect(role.id).to.match(/^[0-9a-f]{32}$/);
    const domain = await tenancy.newDomain();
    const local = await tenancy.create('role', { domain_id: domain.id });
    const { roles } = (await call('GET', '/OS-KSADM/roles')).body;
    expect(roles).to.deep.include(role);
    expect((roles as Named[]).map(({ id }) => id)).not.to.include(local.id);
    expect((await call('POST', '/OS-KSADM/roles', { role: { name: 'operator' } })).status).to.equal(409);
    expect((await call('POST', '/OS-KSADM/roles', { role: { name: '' } })).status).to.equal(400);
    const path = `/OS-KSADM/roles/${role.id}`;
    expect((await call('GET', path)).body).to.deep.equal({ role });
    expect((await call('DELETE', path)).status).to.equal(204);
    expect((await call('GET', path)).status).to.equal(404);
  });
});
