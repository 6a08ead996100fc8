import { expect } from 'chai';
import type { JsonObject } from '../../../../src/common/context.js';
import { BASE, serve, type TestHttp } from './http.js';
import { createTestServices, openTestDatabase, type TestDatabase } from './support.js';

const FILTER = '/OS-EP-FILTER';

interface Entity {
  readonly id: string;
  readonly [attribute: string]: unknown;
}

describe('routes of the catalog', () => {
  let test: TestDatabase;
  let http: TestHttp;

  before(async () => {
    test = await openTestDatabase();
  });

  after(() => test.remove());

  beforeEach(async () => {
    await test.clear();
    const services = await createTestServices(test.database);
    await services.createProject('p1');
    http = await serve(services);
  });

  afterEach(() => http.close());

  /** The member of an answer that must have the status. */
  async function member(status: number, method: string, path: string, body?: object): Promise<Entity> {
    const answer = await http.request(method, path, body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(status);
    return Object.values(answer.body ?? {})[0] as Entity;
  }

  async function refused(method: string, path: string, body?: object): Promise<[number, string]> {
    const { status, body: answer } = await http.request(method, path, body);
    const { message } = (answer as { error: { message: string } }).error;
    return [status, message];
  }

  async function ids(path: string): Promise<unknown[]> {
    const { status, body } = await http.request('GET', path);
    expect(status).to.equal(200);
    const { links, ...collection } = body ?? {};
    expect(links).to.deep.equal({ next: null, previous: null, self: `${BASE}/v3${path}` });
    return (Object.values(collection)[0] as JsonObject[]).map(({ id }) => id);
  }

  async function createService(attributes: object = { type: 'compute' }): Promise<string> {
    return (await member(201, 'POST', '/services', { service: attributes })).id;
  }

  async function createEndpoint(attributes: object = {}): Promise<Entity> {
    const service_id = await createService();
    const endpoint = { interface: 'public', url: 'http://h/$(project_id)s', service_id, ...attributes };
    return member(201, 'POST', '/endpoints', { endpoint });
  }

  describe('regions', () => {
    it('are created with and without an id, by POST and by PUT', async () => {
      const generated = await member(201, 'POST', '/regions', { region: {} });
      expect(generated.id).to.match(/^[0-9a-f]{32}$/);
      expect(
        await member(201, 'POST', '/regions', { region: { id: 'posted', colour: 'red' } }),
      ).to.deep.equal({
        id: 'posted',
        description: '',
        parent_region_id: null,
        colour: 'red',
        links: { self: `${BASE}/v3/regions/posted` },
      });
      const region = { description: 'd', parent_region_id: 'posted' };
      expect(await member(201, 'PUT', '/regions/put', { region })).to.deep.include({ id: 'put', ...region });
      expect(await ids('/regions?parent_region_id=posted')).to.deep.equal(['put']);
    });

    it('refuse ids that differ or are taken', async () => {
      const differs = await refused('PUT', '/regions/a', { region: { id: 'b' } });
      expect(differs).to.deep.equal([400, 'Conflicting region IDs specified: "a" != "b"']);
      await member(201, 'PUT', '/regions/a', { region: { id: 'a' } });
      const taken = [409, 'Conflict occurred attempting to store region - Duplicate ID, a.'];
      expect(await refused('PUT', '/regions/a', { region: {} })).to.deep.equal(taken);
      expect(await refused('POST', '/regions', { region: { id: 'a' } })).to.deep.equal(taken);
      expect(await refused('PATCH', '/regions/a', { region: { id: 'b' } })).to.deep.equal([
        400,
        'Cannot change ID',
      ]);
    });

    it('answer with the errors of the hierarchy', async () => {
      await member(201, 'PUT', '/regions/a', { region: {} });
      await member(201, 'PUT', '/regions/b', { region: { parent_region_id: 'a' } });
      const region = { parent_region_id: 'b' };
      expect(await refused('PATCH', '/regions/a', { region })).to.deep.equal([
        400,
        'The specified parent region b would create a circular region hierarchy.',
      ]);
      expect((await refused('POST', '/regions', { region: { parent_region_id: 'x' } }))[0]).to.equal(404);
      await createEndpoint({ region_id: 'b' });
      expect(await refused('DELETE', '/regions/a')).to.deep.equal([
        403,
        'Unable to delete region a because it or its child regions have associated endpoints.',
      ]);
      expect(await refused('GET', '/regions/x')).to.deep.equal([404, 'Could not find region: x']);
    });

    it('are changed and deleted', async () => {
      await member(201, 'PUT', '/regions/a', { region: { description: 'old' } });
      const changed = await member(200, 'PATCH', '/regions/a', { region: { description: null, more: 1 } });
      expect(changed).to.deep.include({ description: '', more: 1 });
      expect((await http.request('DELETE', '/regions/a')).status).to.equal(204);
      expect((await http.request('HEAD', '/regions/a')).status).to.equal(404);
    });
  });

  describe('services', () => {
    it('are created, listed, changed and deleted', async () => {
      const service = await member(201, 'POST', '/services', {
        service: { type: 'image', description: 'd' },
      });
      const { id } = service;
      const self = `${BASE}/v3/services/${id}`;
      const expected = { id, type: 'image', name: '', enabled: true, description: 'd', links: { self } };
      expect(service).to.deep.equal(expected);
      const named = await createService({ type: 'image', name: 'glance' });
      expect(await ids('/services?type=image')).to.have.members([id, named]);
      expect(await ids('/services?type=image&name=glance')).to.deep.equal([named]);
      expect(await ids('/services?name__startswith=gl')).to.deep.equal([named]);
      expect(await ids('/services?type=none')).to.deep.equal([]);
      const changes = { service: { enabled: false, name: 'n' } };
      expect(await member(200, 'PATCH', `/services/${id}`, changes)).to.deep.equal({
        ...expected,
        enabled: false,
        name: 'n',
      });
      expect((await http.request('DELETE', `/services/${named}`)).status).to.equal(204);
      expect(await refused('GET', `/services/${named}`)).to.deep.equal([
        404,
        `Could not find service: ${named}`,
      ]);
    });

    it('refuse what the schema does not have', async () => {
      for (const service of [
        {},
        { type: '' },
        { type: 1 },
        { type: 't', enabled: 'true' },
        { type: 't', name: ' ' },
        { type: 'x'.repeat(256) },
      ]) {
        expect((await refused('POST', '/services', { service }))[0], JSON.stringify(service)).to.equal(400);
      }
      const id = await createService();
      expect((await refused('PATCH', `/services/${id}`, { service: {} }))[0]).to.equal(400);
      expect((await refused('PATCH', `/services/${id}`, { service: { id: 'x' } }))[0]).to.equal(400);
    });
  });

  describe('endpoints', () => {
    it('are created with both regions, without what only v2.0 has', async () => {
      const endpoint = await createEndpoint({ region: 'new', legacy_endpoint_id: 'x', name: 'extra' });
      const { id, service_id } = endpoint;
      const expected = {
        id,
        service_id,
        interface: 'public',
        url: 'http://h/$(project_id)s',
        enabled: true,
        region: 'new',
        region_id: 'new',
        name: 'extra',
        links: { self: `${BASE}/v3/endpoints/${id}` },
      };
      expect(endpoint).to.deep.equal(expected);
      expect(await member(200, 'GET', `/endpoints/${id}`)).to.deep.equal(expected);
      expect(await test.database.table('endpoint').get(id)).to.deep.include({
        legacy_endpoint_id: null,
      });
      expect(await createEndpoint()).to.deep.include({ region: null, region_id: null });
    });

    it('are filtered, changed and deleted', async () => {
      const { id } = await createEndpoint({ region: 'r', interface: 'admin' });
      const other = await createEndpoint({ region: 'r' });
      expect(await ids('/endpoints?region_id=r&interface=admin')).to.deep.equal([id]);
      expect(await ids(`/endpoints?service_id=${other['service_id'] as string}`)).to.deep.equal([other.id]);
      const path = `/endpoints/${id}`;
      const endpoint = { url: 'http://new/', region: 'made' };
      expect(await member(200, 'PATCH', path, { endpoint })).to.deep.include({
        url: 'http://new/',
        region_id: 'made',
      });
      expect((await http.request('DELETE', path)).status).to.equal(204);
      expect((await refused('GET', path))[0]).to.equal(404);
    });

    it('refuse unknown services, regions, interfaces and URLs', async () => {
      const service_id = await createService();
      const good = { interface: 'public', url: 'http://h/', service_id };
      for (const [change, words] of [
        [{ service_id: 'x' }, 'endpoint service_id in service table'],
        [{ region_id: 'x' }, 'endpoint region_id in region table'],
        [{ interface: 'secret' }, 'is not one of'],
        [{ url: 'h' }, 'does not match'],
        [{ url: `http://${'x'.repeat(219)}` }, 'is too long'],
        [{ url: 'http://h/$(admin_token)s' }, 'Cannot create an endpoint with an invalid URL'],
        [{ enabled: 'yes' }, 'is not of type'],
        [{ region: null }, 'is not of type'],
      ] as const) {
        const [status, message] = await refused('POST', '/endpoints', { endpoint: { ...good, ...change } });
        expect(status, words).to.equal(400);
        expect(message).to.contain(words);
      }
      expect(await ids('/endpoints')).to.deep.equal([]);
    });
  });

  describe('OS-EP-FILTER', () => {
    it('associates endpoints with projects', async () => {
      const { id } = await createEndpoint();
      const path = `${FILTER}/projects/p1/endpoints/${id}`;
      const missing = [404, `Endpoint ${id} not found in project p1`];
      expect(await refused('GET', path)).to.deep.equal(missing);
      for (const method of ['PUT', 'GET', 'HEAD']) {
        expect(await http.request(method, path)).to.deep.equal({ status: 204, body: null });
      }
      expect((await refused('PUT', path))[0]).to.equal(409);
      expect(await ids(`${FILTER}/projects/p1/endpoints`)).to.deep.equal([id]);
      expect(await ids(`${FILTER}/endpoints/${id}/projects`)).to.deep.equal(['p1']);
      expect((await http.request('DELETE', path)).status).to.equal(204);
      expect(await refused('DELETE', path)).to.deep.equal(missing);
      expect((await refused('PUT', `${FILTER}/projects/x/endpoints/${id}`))[0]).to.equal(404);
    });

    it('keeps endpoint groups and associates them with projects', async () => {
      const { id: endpoint } = await createEndpoint();
      const body = { endpoint_group: { name: 'g', filters: { interface: 'public' } } };
      const group = await member(201, 'POST', `${FILTER}/endpoint_groups`, body);
      const path = `${FILTER}/endpoint_groups/${group.id}`;
      expect(group).to.deep.equal({
        id: group.id,
        ...body.endpoint_group,
        description: null,
        links: { self: `${BASE}/v3${path}` },
      });
      const changes = { endpoint_group: { description: 'd' } };
      expect(await member(200, 'PATCH', path, changes)).to.deep.equal({ ...group, description: 'd' });
      expect(await ids(`${FILTER}/endpoint_groups`)).to.deep.equal([group.id]);
      expect(await ids(`${path}/endpoints`)).to.deep.equal([endpoint]);

      const association = `${path}/projects/p1`;
      expect((await refused('GET', association))[0]).to.equal(404);
      expect((await http.request('PUT', association)).status).to.equal(204);
      expect((await refused('PUT', association))[0]).to.equal(409);
      expect(await member(200, 'GET', association)).to.deep.equal({
        endpoint_group_id: group.id,
        project_id: 'p1',
        links: { self: `${BASE}/v3${association}` },
      });
      expect(await ids(`${path}/projects`)).to.deep.equal(['p1']);
      expect(await ids(`${FILTER}/projects/p1/endpoint_groups`)).to.deep.equal([group.id]);
      expect(await ids(`${FILTER}/projects/p1/endpoints`)).to.deep.equal([endpoint]);
      expect((await http.request('DELETE', association)).status).to.equal(204);
      expect((await refused('DELETE', association))[0]).to.equal(404);
      expect((await http.request('DELETE', path)).status).to.equal(204);
      expect((await refused('GET', path))[0]).to.equal(404);
    });

    it('refuses groups that cannot be kept as they are sent', async () => {
      for (const endpoint_group of [
        { name: 'g' },
        { name: '', filters: {} },
        { name: 'g', filters: 'all' },
        { name: 'g', filters: { url: 'x' } },
        { name: 'g', filters: {}, colour: 'red' },
      ]) {
        const [status] = await refused('POST', `${FILTER}/endpoint_groups`, { endpoint_group });
        expect(status, JSON.stringify(endpoint_group)).to.equal(400);
      }
      expect(await ids(`${FILTER}/endpoint_groups`)).to.deep.equal([]);
    });
  });

  describe('policies', () => {
    it('are created, listed, changed and deleted', async () => {
      const policy = await member(201, 'POST', '/policies', {
        policy: { type: 't', blob: '{}', owner: 'o' },
      });
      const path = `/policies/${policy.id}`;
      expect(policy).to.deep.equal({
        id: policy.id,
        type: 't',
        blob: '{}',
        owner: 'o',
        links: { self: `${BASE}/v3${path}` },
      });
      expect(await ids('/policies?type=t')).to.deep.equal([policy.id]);
      expect(await ids('/policies?type=x')).to.deep.equal([]);
      const changed = await member(200, 'PATCH', path, { policy: { blob: 'new' } });
      expect(changed).to.deep.equal({ ...policy, blob: 'new' });
      expect((await refused('PATCH', path, { policy: { id: 'x' } }))[0]).to.equal(400);
      expect((await http.request('DELETE', path)).status).to.equal(204);
      expect(await refused('GET', path)).to.deep.equal([404, `Could not find policy: ${policy.id}`]);
    });

    it('need a type and a blob that is text', async () => {
      for (const policy of [
        { type: 't' },
        { blob: '' },
        { type: 't', blob: {} },
        { type: 'x'.repeat(256), blob: '' },
      ]) {
        expect((await refused('POST', '/policies', { policy }))[0], JSON.stringify(policy)).to.equal(400);
      }
    });
  });

  describe('OS-ENDPOINT-POLICY', () => {
    it('associates policies with endpoints, services, and services in regions', async () => {
      const endpoint = await createEndpoint({ region: 'r' });
      const { id } = endpoint;
      const service = endpoint['service_id'] as string;
      const { id: policy } = await member(201, 'POST', '/policies', { policy: { type: 't', blob: 'b' } });
      const base = `/policies/${policy}/OS-ENDPOINT-POLICY`;
      for (const path of [`/endpoints/${id}`, `/services/${service}`, `/services/${service}/regions/r`]) {
        expect(await refused('GET', base + path)).to.deep.equal([404, 'Could not find policy association']);
        for (const method of ['PUT', 'PUT', 'GET', 'HEAD']) {
          expect(await http.request(method, base + path), path).to.deep.equal({ status: 204, body: null });
        }
        expect(await member(200, 'GET', `/endpoints/${id}/OS-ENDPOINT-POLICY/policy`)).to.deep.equal({
          id: policy,
          type: 't',
          blob: 'b',
          links: { self: `${BASE}/v3/policies/${policy}` },
        });
        expect(await ids(`${base}/endpoints`)).to.deep.equal([id]);
        for (const _twice of [1, 2]) expect((await http.request('DELETE', base + path)).status).to.equal(204);
        expect(await refused('GET', `/endpoints/${id}/OS-ENDPOINT-POLICY/policy`)).to.deep.equal([
          404,
          `No policy is associated with endpoint ${id}.`,
        ]);
      }
      expect((await refused('PUT', `${base}/services/x`))[0]).to.equal(404);
      expect((await refused('PUT', `${base}/services/${service}/regions/x`))[0]).to.equal(404);
    });

    it('lists endpoints as Keystone does there: without the second name of the region', async () => {
      const endpoint = await createEndpoint({ region: 'r' });
      const { id: policy } = await member(201, 'POST', '/policies', { policy: { type: 't', blob: 'b' } });
      const base = `/policies/${policy}/OS-ENDPOINT-POLICY`;
      await http.request('PUT', `${base}/endpoints/${endpoint.id}`);
      const { body } = await http.request('GET', `${base}/endpoints`);
      const { region: _region, ...expected } = endpoint;
      expect(body?.['endpoints']).to.deep.equal([expected]);
    });
  });
});
