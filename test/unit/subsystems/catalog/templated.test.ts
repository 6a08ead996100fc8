import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  EndpointNotFound,
  NotImplemented,
  RegionNotFound,
  ServiceNotFound,
} from '../../../../src/common/errors.js';
import { Hints } from '../../../../src/common/hints.js';
import { finishList } from '../../../../src/common/http/list.js';
import { parseTemplates } from '../../../../src/subsystems/catalog/backends/template_file.js';
import { createDriver } from '../../../../src/subsystems/catalog/backends/templated.js';
import type { CatalogDriver } from '../../../../src/subsystems/catalog/driver.js';
import { rejection } from '../../../support/rejection.js';
import {
  createTestServices,
  driverContext,
  openTestDatabase,
  type TestDatabase,
  testConf,
} from './support.js';

const FILE = `
# a comment
catalog.one.object_store.name = Swift
catalog.one.object_store.publicURL = http://one/$(tenant_id)s
catalog.one.object_store.adminURL = http://one:$(admin_port)s/a = b
catalog.two.object_store.name = Swift of two
catalog.two.object_store.publicURL = http://two/
catalog.two.compute.publicURL = http://$(admin_token)s/
catalog.two.compute.unspaced=ignored
other.thing = ignored
`;

describe('catalog/backends/templated', () => {
  let test: TestDatabase;
  let folder: string;
  let file: string;
  let driver: CatalogDriver;

  before(async () => {
    test = await openTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'keystone-templates-'));
    file = join(folder, 'catalog.templates');
    await writeFile(file, FILE);
    driver = await createDriver(driverContext(test.database, testConf({ catalog: { template_file: file } })));
  });

  after(async () => {
    await test.remove();
    await rm(folder, { recursive: true });
  });

  it('knows the regions of the file', async () => {
    expect((await driver.listRegions(new Hints())).map(({ id }) => id)).to.deep.equal(['one', 'two']);
    expect(await driver.getRegion('two')).to.deep.equal({
      id: 'two',
      description: '',
      parent_region_id: null,
    });
    expect(await rejection(driver.getRegion('three'))).to.be.instanceOf(RegionNotFound);
  });

  it('knows the services of the file, each once, types with dashes', async () => {
    const services = await driver.listServices(new Hints());
    expect(services.map(({ id, name }) => [id, name])).to.deep.equal([
      ['object-store', 'Swift'],
      ['compute', ''],
    ]);
    expect(await driver.getService('compute')).to.deep.include({ type: 'compute', enabled: true });
    expect(await rejection(driver.getService('object_store'))).to.be.instanceOf(ServiceNotFound);
  });

  it('knows the endpoints of the file, and finds them like any other', async () => {
    expect(await driver.getEndpoint('one-object-store-admin')).to.deep.equal({
      id: 'one-object-store-admin',
      interface: 'admin',
      service_id: 'object-store',
      region_id: 'one',
      url: 'http://one:$(admin_port)s/a = b',
      enabled: true,
      legacy_endpoint_id: null,
    });
    expect(await rejection(driver.getEndpoint('one-object-store-internal'))).to.be.instanceOf(
      EndpointNotFound,
    );
    const hints = new Hints().addFilter('interface', 'public').addFilter('region_id', 'two');
    const { entities } = finishList(hints, await driver.listEndpoints(hints));
    expect(entities.map(({ id }) => id)).to.deep.equal(['two-object-store-public', 'two-compute-public']);
    expect(await driver.listEndpointsOfServices(['object-store'])).to.have.length(3);
    expect(await driver.listEndpointsInRegions(['one'])).to.have.length(2);
    expect(await driver.listEndpointsFromIds(['two-compute-public', 'x'])).to.have.length(1);
  });

  it('gives tokens the catalog, without endpoints that cannot be', async () => {
    const options = { catalog: { driver: 'templated', template_file: file } };
    const { catalog } = await createTestServices(test.database, options);
    const rendered = await catalog.getV3Catalog('u', 'p');
    expect(
      rendered.map(({ id, name, endpoints }) => [id, name, endpoints.map(({ url }) => url)]),
    ).to.deep.equal([
      ['object-store', 'Swift', ['http://one/p', 'http://one:35357/a = b']],
      ['object-store', 'Swift of two', ['http://two/']],
      ['compute', '', []],
    ]);
    const [service] = await catalog.getV3Catalog('u', null);
    expect(service?.endpoints.map(({ id }) => id)).to.deep.equal(['one-object-store-admin']);
  });

  it('answers 501 to every change, whatever it is', async () => {
    const options = { catalog: { driver: 'templated', template_file: file } };
    const services = await createTestServices(test.database, options);
    const { catalog, notifications, events } = services;
    await services.createProject('p');
    const endpoint = { interface: 'public', url: 'http://x/', service_id: 'nobody', region: 'new' };
    const filter = catalog.endpointFilter;
    const attempts = [
      () => catalog.createRegion({ id: 'one' }, null),
      () => catalog.updateRegion('nowhere', {}, null),
      () => catalog.deleteRegion('one', null),
      () => catalog.createService({ type: 'x' }, null),
      () => catalog.updateService('compute', { name: 'x' }, null),
      () => catalog.deleteService('nobody', null),
      () => catalog.createEndpoint(endpoint, null),
      () => catalog.updateEndpoint('nobody', {}, null),
      () => catalog.deleteEndpoint('two-compute-public', null),
      () => filter.addEndpointToProject('two-compute-public', 'p'),
      () => filter.checkEndpointInProject('two-compute-public', 'p'),
      () => filter.listEndpointsForProject('p'),
      () => filter.createEndpointGroup({ name: 'g', filters: {} }),
      () => filter.listEndpointGroups(),
      () => filter.addEndpointGroupToProject('g', 'p'),
    ];
    for (const attempt of attempts) {
      expect(await rejection(attempt()), String(attempt)).to.be.instanceOf(NotImplemented);
    }
    expect(events).to.deep.equal([]);
    await notifications.deleted('project', 'p', null);
  });

  it('names option and file when the file is missing or wrong', async () => {
    const load = (name: string): Promise<Error> =>
      rejection(createDriver(driverContext(test.database, testConf({ catalog: { template_file: name } }))));
    expect((await load(join(folder, 'none'))).message)
      .to.contain('[catalog] template_file = ')
      .and.contain('none');
    expect((await load(folder)).message).to.contain('cannot be read (EISDIR)');
    expect(() => parseTemplates('\ncatalog.one.name = x', 'F')).to.throw(
      'F:2: expected catalog.REGION.SERVICE.KEY',
    );
  });

  it('comes with a file that it understands', async () => {
    const sample = new URL('../../../../etc/default_catalog.templates', import.meta.url).pathname;
    const options = { catalog: { driver: 'templated', template_file: sample } };
    const { catalog } = await createTestServices(test.database, options);
    const rendered = await catalog.getV3Catalog('u', 'p');
    expect(rendered.map(({ type }) => type)).to.include.members(['identity', 'compute', 'object-store']);
    for (const { type, name, endpoints } of rendered) {
      expect(name, type).not.to.equal('');
      expect(
        endpoints.map((endpoint) => endpoint.interface),
        type,
      ).to.have.members(['public', 'internal', 'admin']);
    }
  });
});
