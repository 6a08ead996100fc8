import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import type { Database } from '../../src/common/sql/index.js';
import { loadConf } from '../../src/conf/index.js';
import * as filtering from '../../src/subsystems/catalog/backends/endpoint_filter_sql.js';
import * as sql from '../../src/subsystems/catalog/backends/sql.js';
import type { CatalogDriver } from '../../src/subsystems/catalog/driver.js';
import * as endpointPolicySql from '../../src/subsystems/endpoint_policy/backends/sql.js';
import * as policySql from '../../src/subsystems/policy/backends/sql.js';
import type { DriverContext } from '../../src/subsystems/subsystem.js';
import { catalogDriverSuite } from './catalog.js';
import { onEveryDatabase } from './databases.js';
import { endpointPolicyDriverSuite } from './endpoint_policy.js';
import { policyDriverSuite } from './policy.js';

describe('catalog, policy and endpoint_policy drivers', function limited() {
  this.timeout(120_000);
  onEveryDatabase((databaseOf) => {
    const context = (): DriverContext => ({
      conf: loadConf({ sources: [], env: { HOME: tmpdir() } }).conf,
      database: databaseOf(),
      keys: new Map(),
    });

    describe('catalog: sql', () => {
      catalogDriverSuite(() => sql.createDriver(context()));

      it('gives a service of an old database without a name the empty one', async () => {
        await databaseOf().table('service').insert({ id: 'old', type: 'old', extra: '{"name": null}' });
        const service = await sql.createDriver(context()).getService('old');
        expect(service).to.deep.equal({ id: 'old', type: 'old', name: '', enabled: true });
      });
    });

    describe('catalog: endpoint_filter.sql', () => {
      catalogDriverSuite(() => filtering.createDriver(context()));

      it('gives a project the enabled endpoints that are associated with it', () =>
        filteredCatalog(filtering.createDriver(context())));
    });

    describe('policy: sql', () => {
      policyDriverSuite(() => policySql.createDriver(context()));

      it('keeps the blob as Keystone does: as JSON', () => storedBlob(databaseOf(), context()));
    });

    describe('endpoint_policy: sql', () => {
      endpointPolicyDriverSuite(() => endpointPolicySql.createDriver(context()));
    });
  });
});

async function filteredCatalog(driver: CatalogDriver): Promise<void> {
  const project = uuidHex();
  const service = await driver.createService({ id: uuidHex(), type: 't', name: 'n', enabled: true });
  const create = async (kind: string, enabled = true): Promise<string> => {
    const reach = { service_id: service.id, region_id: null, url: 'http://h/', legacy_endpoint_id: null };
    return (await driver.createEndpoint({ id: uuidHex(), interface: kind, enabled, ...reach })).id;
  };
  const ids = async (): Promise<string[]> => {
    const { services, filtered } = await driver.catalogFor(project);
    expect(filtered).to.equal(true);
    return services.flatMap(({ endpoints }) => endpoints.map(({ id }) => id)).sort();
  };
  const [own, disabled, grouped] = [
    await create('admin'),
    await create('admin', false),
    await create('internal'),
  ];
  expect((await driver.catalogFor(project)).filtered).to.equal(false);
  await driver.addEndpointToProject(disabled, project);
  expect(await ids()).to.deep.equal([]);
  await driver.addEndpointToProject(own, project);
  await driver.addEndpointToProject(grouped, uuidHex());
  expect(await ids()).to.deep.equal([own]);
  const filters = { interface: 'internal', service_id: service.id };
  const group = await driver.createEndpointGroup({ id: uuidHex(), name: 'g', description: null, filters });
  await driver.addEndpointGroupToProject(group.id, project);
  expect(await ids()).to.deep.equal([own, grouped].sort());
}

async function storedBlob(database: Database, context: DriverContext): Promise<void> {
  const driver = policySql.createDriver(context);
  await driver.createPolicy({ id: 'text', type: 't', blob: '{"rule": "!"}' });
  const row = await database.table('policy').get('text');
  expect(row?.blob).to.equal('"{\\"rule\\": \\"!\\"}"');
  await database.table('policy').insert({ id: 'old', type: 't', blob: '{"rule": "!"}' });
  expect(await driver.getPolicy('old')).to.deep.equal({ id: 'old', type: 't', blob: { rule: '!' } });
}
