/** CVE-2014-3621: endpoint URLs could name any option of the configuration, secrets too, and the catalog told them. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { prepareSql } from '../../src/common/sql/index.js';
import { createServices } from '../../src/server/services.js';
import { serve, startCloud } from '../api/cloud.js';
import { Tenancy } from '../api/tenancy.js';
import { createDeployment } from '../support/deployment.js';
import { type Stage, setStage, signIn } from './support.js';

const SECRET = 'the-admin-token-of-this-cloud';
const NAMES = [
  'admin_token',
  'connection',
  'database',
  'password',
  'public_key',
  'crypt_strength',
  'config_file',
];

describe('CVE-2014-3621: the catalog never tells a secret of the configuration', function limited() {
  this.timeout(120_000);
  let stage: Stage;
  before(async function start() {
    this.timeout(120_000);
    stage = await setStage({ DEFAULT: [`admin_token = ${SECRET}`] });
  });
  after(() => stage.cloud.stop());

  for (const name of NAMES) {
    it(`refuses endpoints whose URL asks for ${name}`, async () => {
      const { cloud, admin, tenancy } = stage;
      for (const url of [
        `http://x/$(${name})s`,
        `http://x/%(${name})s`,
        `http://x/$(project_id)s/$(${name})d`,
      ]) {
        const endpoint = { service_id: tenancy.service.id, interface: 'public', url };
        expect((await cloud.request('POST', '/v3/endpoints', admin, { endpoint })).status, url).to.equal(400);
        const path = `/v3/endpoints/${tenancy.endpoint.id}`;
        expect((await cloud.request('PATCH', path, admin, { endpoint: { url } })).status, url).to.equal(400);
      }
    });
  }

  it('fills in what is allowed', async () => {
    const { cloud, tenancy } = stage;
    const token = await signIn(cloud, tenancy.alice, { project: { id: tenancy.project.id } });
    const { text } = await cloud.request('GET', '/v3/auth/catalog', token);
    expect(text).to.contain(`http://compute/v2/${tenancy.project.id}`).and.not.contain(SECRET);
  });

  it('leaves out endpoints that an older service has stored', async () => {
    const deployment = await createDeployment({
      conf: { DEFAULT: [`admin_token = ${SECRET}`, 'crypt_strength = 1000'] },
    });
    const cloud = await serve(deployment);
    try {
      const tenancy = new Tenancy(cloud, await cloud.adminToken());
      await tenancy.build();
      const other = await tenancy.create('endpoint', {
        service_id: tenancy.service.id,
        interface: 'internal',
        url: 'http://fine',
      });
      const services = await createServices(deployment.load());
      const store = prepareSql({ text: 'UPDATE "endpoint" SET "url" = ? WHERE "id" = ?' });
      await services.database.execute(store, ['http://x/$(admin_token)s', tenancy.endpoint.id]);
      await services.close();
      const twin = await cloud.twin();
      const token = await signIn(twin, tenancy.alice, { project: { id: tenancy.project.id } });
      const { status, text } = await twin.request('GET', '/v3/auth/catalog', token);
      expect(status).to.equal(200);
      expect(text).to.contain(other.id).and.not.contain(SECRET).and.not.contain(tenancy.endpoint.id);
    } finally {
      await cloud.stop();
    }
  }).timeout(120_000);

  it('leaves them alone in a catalog that comes out of a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'catalog-'));
    const file = join(folder, 'catalog.templates');
    await writeFile(
      file,
      [
        'catalog.RegionOne.compute.name = Compute',
        'catalog.RegionOne.compute.publicURL = http://x/$(admin_token)s',
        'catalog.RegionOne.image.name = Image',
        'catalog.RegionOne.image.publicURL = http://image/$(project_id)s',
        '',
      ].join('\n'),
    );
    const cloud = await startCloud({
      DEFAULT: [`admin_token = ${SECRET}`],
      catalog: ['driver = templated', `template_file = ${file}`],
    });
    try {
      const { status, text } = await cloud.request('GET', '/v3/auth/catalog', await cloud.adminToken());
      expect(status).to.equal(200);
      expect(text).to.contain('http://image/').and.not.contain(SECRET);
    } finally {
      await cloud.stop();
      await rm(folder, { recursive: true });
    }
  }).timeout(120_000);
});
