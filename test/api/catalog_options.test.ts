/** What the configuration makes of the catalog: one from a file, and one that holds only what projects were given. */
import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { createDeployment } from '../support/deployment.js';
import { type Answer, type Cloud, serve, startCloud } from './cloud.js';
import type { Json, Named } from './tenancy.js';

interface Entry {
  readonly type: string;
  readonly endpoints: readonly { readonly interface: string; readonly url: string }[];
}

/** The catalog of the administrator's token, by type of service. */
async function catalogOf(cloud: Cloud, token: string): Promise<Record<string, string[]>> {
  const { body } = await cloud.request('GET', '/v3/auth/catalog', token);
  const entries = (body['catalog'] as Entry[]).map(({ type, endpoints }) => [
    type,
    endpoints.map((endpoint) => `${endpoint.interface} ${endpoint.url}`).sort(),
  ]);
  return Object.fromEntries(entries) as Record<string, string[]>;
}

describe('a catalog from a file ([catalog] driver = templated)', () => {
  let cloud: Cloud;
  let admin: string;
  before(async function start() {
    this.timeout(120_000);
    const deployment = await createDeployment({ conf: { DEFAULT: ['crypt_strength = 1000'] } });
    const file = deployment.path('catalog.templates');
    const lines = [
      'catalog.RegionOne.compute.publicURL = http://compute/v2/$(tenant_id)s',
      'catalog.RegionOne.compute.adminURL = http://compute/$(admin_token)s',
      'catalog.RegionOne.compute.name = Nova',
    ];
    await writeFile(file, lines.join('\n'));
    await writeFile(
      `${deployment.folder}/conf.d/catalog.conf`,
      `[catalog]\ndriver = templated\ntemplate_file = ${file}\n[DEFAULT]\nadmin_token = planted\n`,
    );
    cloud = await serve(deployment);
    admin = await cloud.adminToken();
  });
  after(() => cloud?.stop());

  it('is in tokens of both versions, with what may stand in a URL put in', async () => {
    const { body } = await cloud.request('GET', '/v3/auth/tokens', admin, undefined, {
      'X-Subject-Token': admin,
    });
    const { id } = (body['token'] as Json)['project'] as Named;
    // An address with a name that may not be filled in is left out.
    expect(await catalogOf(cloud, admin)).to.deep.equal({ compute: [`public http://compute/v2/${id}`] });
    const old = await cloud.request('GET', `/v2.0/tokens/${admin}`, admin);
    expect(old.body).to.have.nested.property(
      'access.serviceCatalog[0].endpoints[0].publicURL',
      `http://compute/v2/${id}`,
    );
    expect(old.text).not.to.contain('planted');
  });

  it('is read, and refuses changes with 501', async () => {
    const list = await cloud.request('GET', '/v3/services', admin);
    expect((list.body['services'] as Named[]).map(({ name }) => name)).to.deep.equal(['Nova']);
    const [{ id } = { id: '' }] = list.body['services'] as Named[];
    const attempts: [string, string, object?][] = [
      ['POST', '/v3/services', { service: { type: 'x' } }],
      ['PATCH', `/v3/services/${id}`, { service: { name: 'x' } }],
      ['DELETE', `/v3/services/${id}`],
      ['POST', '/v3/regions', { region: { id: 'x' } }],
      ['POST', '/v3/endpoints', { endpoint: { service_id: id, interface: 'public', url: 'http://x' } }],
    ];
    for (const [method, path, body] of attempts) {
      const { status, text } = await cloud.request(method, path, admin, body);
      expect(status, `${method} ${path}: ${text}`).to.equal(501);
    }
  });
});

describe('a catalog of what projects were given ([endpoint_filter] return_all_endpoints_if_no_filter)', () => {
  for (const returnsAll of [true, false]) {
    it(`holds ${returnsAll ? 'everything' : 'nothing'} for a project that was given nothing`, async function give() {
      this.timeout(120_000);
      const cloud = await startCloud({
        catalog: ['driver = endpoint_filter.sql'],
        endpoint_filter: [`return_all_endpoints_if_no_filter = ${returnsAll}`],
      });
      try {
        const admin = await cloud.adminToken();
        const make = async (kind: string, body: object): Promise<string> => {
          const answer: Answer = await cloud.request('POST', `/v3/${kind}s`, admin, { [kind]: body });
          return (answer.body[kind] as Named).id;
        };
        const service = await make('service', { type: 'compute' });
        const endpoint = (face: string): Promise<string> =>
          make('endpoint', { service_id: service, interface: face, url: `http://${face}` });
        const [given] = [await endpoint('public'), await endpoint('admin')];
        const all = { compute: ['admin http://admin', 'public http://public'] };
        expect(await catalogOf(cloud, admin)).to.deep.equal(returnsAll ? all : {});

        const { body } = await cloud.request('GET', '/v3/auth/projects', admin);
        const [project] = body['projects'] as Named[];
        const path = `/v3/OS-EP-FILTER/projects/${project?.id}/endpoints/${given}`;
        expect((await cloud.request('PUT', path, admin)).status).to.equal(204);
        expect(await catalogOf(cloud, admin)).to.deep.equal({ compute: ['public http://public'] });
      } finally {
        await cloud.stop();
      }
    });
  }
});
