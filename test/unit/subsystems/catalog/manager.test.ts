import { expect } from 'chai';
import {
  CircularRegionHierarchyError,
  Conflict,
  RegionDeletionError,
  RegionNotFound,
  ServiceNotFound,
  URLValidationError,
  ValidationError,
} from '../../../../src/common/errors.js';
import { Hints } from '../../../../src/common/hints.js';
import type { CatalogManager } from '../../../../src/subsystems/catalog/manager.js';
import type { Endpoint } from '../../../../src/subsystems/catalog/types.js';
import { rejection } from '../../../support/rejection.js';
import { createTestServices, openTestDatabase, type TestDatabase, type TestServices } from './support.js';

describe('catalog/manager', () => {
  let test: TestDatabase;
  let services: TestServices;
  let catalog: CatalogManager;

  before(async () => {
    test = await openTestDatabase();
  });

  after(() => test.remove());

  beforeEach(async () => {
    await test.clear();
    services = await createTestServices(test.database);
    ({ catalog } = services);
  });

  async function createEndpoint(attributes: Record<string, unknown> = {}): Promise<Endpoint> {
    const service_id =
      attributes['service_id'] ?? (await catalog.createService({ type: 'compute' }, null)).id;
    return catalog.createEndpoint({ interface: 'public', url: 'http://h/', service_id, ...attributes }, null);
  }

  describe('regions', () => {
    it('get an id, a description and no parent when none is given', async () => {
      const region = await catalog.createRegion({}, null);
      expect(region).to.deep.equal({ id: region.id, description: '', parent_region_id: null });
      expect(region.id).to.match(/^[0-9a-f]{32}$/);
      expect(services.events).to.deep.equal([`identity.region.created ${region.id}`]);
    });

    it('take no null for a description', async () => {
      await catalog.createRegion({ id: 'r', description: null }, null);
      const updated = await catalog.updateRegion('r', { description: null as unknown as string }, null);
      expect(updated.description).to.equal('');
    });

    it('need a parent that exists, and an id that does not', async () => {
      await catalog.createRegion({ id: 'r' }, null);
      expect(await rejection(catalog.createRegion({ parent_region_id: 'x' }, null))).to.be.instanceOf(
        RegionNotFound,
      );
      expect(await rejection(catalog.createRegion({ id: 'r' }, null))).to.be.instanceOf(Conflict);
      const moved = catalog.updateRegion('r', { parent_region_id: 'x' }, null);
      expect((await rejection(moved)).message).to.equal('Could not find region: x');
    });

    it('never form a circle', async () => {
      await catalog.createRegion({ id: 'a' }, null);
      await catalog.createRegion({ id: 'b', parent_region_id: 'a' }, null);
      await catalog.createRegion({ id: 'c', parent_region_id: 'b' }, null);
      for (const parent of ['a', 'b', 'c']) {
        const error = await rejection(catalog.updateRegion('a', { parent_region_id: parent }, null));
        expect(error).to.be.instanceOf(CircularRegionHierarchyError);
      }
      await catalog.updateRegion('c', { parent_region_id: 'a' }, null);
      await catalog.updateRegion('b', { parent_region_id: null }, null);
      expect(await catalog.regionLineage('c')).to.deep.equal(['c', 'a']);
    });

    it('go with the regions beneath them', async () => {
      await catalog.createRegion({ id: 'a' }, null);
      await catalog.createRegion({ id: 'b', parent_region_id: 'a' }, null);
      await catalog.createRegion({ id: 'c', parent_region_id: 'b' }, null);
      await catalog.createRegion({ id: 'other' }, null);
      services.events.length = 0;
      await catalog.deleteRegion('a', null);
      expect((await catalog.listRegions(new Hints())).map(({ id }) => id)).to.deep.equal(['other']);
      expect(services.events).to.deep.equal(['c', 'b', 'a'].map((id) => `identity.region.deleted ${id}`));
    });

    it('stay while they or regions beneath them have endpoints', async () => {
      await catalog.createRegion({ id: 'a' }, null);
      await catalog.createRegion({ id: 'b', parent_region_id: 'a' }, null);
      const { id } = await createEndpoint({ region_id: 'b' });
      for (const region of ['a', 'b']) {
        expect(await rejection(catalog.deleteRegion(region, null))).to.be.instanceOf(RegionDeletionError);
      }
      await catalog.deleteEndpoint(id, null);
      await catalog.deleteRegion('a', null);
    });
  });

  describe('services', () => {
    it('are enabled and have the empty name when nothing else is said', async () => {
      const { id, ...service } = await catalog.createService({ type: 't', description: 'd' }, null);
      expect(service).to.deep.equal({ type: 't', name: '', enabled: true, description: 'd' });
      expect(id).to.match(/^[0-9a-f]{32}$/);
    });

    it('tell of everything that goes with them', async () => {
      const { id: service_id } = await catalog.createService({ type: 't' }, null);
      const endpoint = await createEndpoint({ service_id });
      services.events.length = 0;
      await catalog.deleteService(service_id, null);
      expect(services.events).to.deep.equal([
        `identity.endpoint.deleted ${endpoint.id}`,
        `identity.service.deleted ${service_id}`,
      ]);
      expect(await rejection(catalog.deleteService(service_id, null))).to.be.instanceOf(ServiceNotFound);
    });
  });

  describe('endpoints', () => {
    it('need a service and a region that exist', async () => {
      const noService = await rejection(createEndpoint({ service_id: 'x' }));
      expect(noService).to.be.instanceOf(ValidationError);
      expect(noService.message).to.contain('endpoint service_id in service table');
      const noRegion = await rejection(createEndpoint({ region_id: 'x' }));
      expect(noRegion.message).to.contain('endpoint region_id in region table');
      const { id } = await createEndpoint();
      for (const changes of [{ service_id: 'x' }, { region_id: 'x' }]) {
        expect(await rejection(catalog.updateEndpoint(id, changes, null))).to.be.instanceOf(ValidationError);
      }
    });

    it('make the region that `region` names, as clients of v2.0 expect it', async () => {
      const created = await createEndpoint({ region: 'new' });
      expect(created).to.deep.include({ region_id: 'new' });
      expect(created).not.to.have.property('region');
      expect(await catalog.getRegion('new')).to.deep.include({ id: 'new' });
      expect((await createEndpoint({ region: 'new' })).region_id).to.equal('new');
      const updated = await catalog.updateEndpoint(created.id, { region: 'newer' }, null);
      expect(updated.region_id).to.equal('newer');
    });

    it('go by `region_id` where both are given', async () => {
      await catalog.createRegion({ id: 'given' }, null);
      expect((await createEndpoint({ region: 'x', region_id: 'given' })).region_id).to.equal('given');
      expect(await rejection(catalog.getRegion('x'))).to.be.instanceOf(RegionNotFound);
    });

    it('leave no region behind when they cannot be made', async () => {
      await rejection(createEndpoint({ region: 'new', interface: 'x'.repeat(9) }));
      expect(await rejection(catalog.getRegion('new'))).to.be.instanceOf(RegionNotFound);
      expect(services.events.join()).not.to.contain('region');
    });

    it('take no URL with substitutions beyond the list', async () => {
      const error = await rejection(createEndpoint({ url: 'http://h/$(admin_token)s' }));
      expect(error).to.be.instanceOf(URLValidationError);
      const { id } = await createEndpoint();
      const changed = catalog.updateEndpoint(id, { url: 'http://h/%(admin_token)s' }, null);
      expect(await rejection(changed)).to.be.instanceOf(URLValidationError);
    });
  });

  it('cuts lists to [catalog] list_limit', async () => {
    const limited = (await createTestServices(test.database, { catalog: { list_limit: '1' } })).catalog;
    for (const id of ['a', 'b']) await limited.createRegion({ id }, null);
    const hints = new Hints();
    expect(await limited.listRegions(hints)).to.have.length(1);
    expect(hints.limit?.truncated).to.equal(true);
  });

  describe('the catalog of a token', () => {
    it('shows region both ways, further attributes of endpoints, and no internals', async () => {
      await catalog.createRegion({ id: 'r' }, null);
      const service = await catalog.createService({ type: 't', name: 'n' }, null);
      const attributes = {
        service_id: service.id,
        region_id: 'r',
        legacy_endpoint_id: 'v2',
        description: 'd',
      };
      const { id } = await createEndpoint(attributes);
      expect(await catalog.getV3Catalog('u', 'p')).to.deep.equal([
        {
          id: service.id,
          type: 't',
          name: 'n',
          endpoints: [
            { id, interface: 'public', region: 'r', region_id: 'r', url: 'http://h/', description: 'd' },
          ],
        },
      ]);
    });

    async function urls(manager: CatalogManager, projectId: string | null): Promise<string[]> {
      const entries = await manager.getV3Catalog('u', projectId);
      return entries.flatMap(({ endpoints }) => endpoints.map(({ url }) => url)).sort();
    }

    it('has endpoints for projects only with a project', async () => {
      const { id: service_id } = await catalog.createService({ type: 't' }, null);
      for (const url of ['http://t/$(tenant_id)s', 'http://p/%(project_id)s', 'http://u/$(user_id)s']) {
        await createEndpoint({ service_id, url });
      }
      expect(await urls(catalog, 'p1')).to.deep.equal(['http://p/p1', 'http://t/p1', 'http://u/u']);
      expect(await urls(catalog, null)).to.deep.equal(['http://u/u']);
    });

    it('is each token its own, though they share what is the same', async () => {
      const { id: service_id } = await catalog.createService({ type: 't' }, null);
      for (const url of ['http://$(user_id)s/$(project_id)s', 'http://same/']) {
        await createEndpoint({ service_id, url });
      }
      expect(await urls(catalog, 'p1')).to.deep.equal(['http://same/', 'http://u/p1']);
      expect(await urls(catalog, 'p2')).to.deep.equal(['http://same/', 'http://u/p2']);
      const [entry] = await catalog.getV3Catalog('other', 'p1');
      expect(entry?.endpoints.map(({ url }) => url).sort()).to.deep.equal([
        'http://other/p1',
        'http://same/',
      ]);
    });

    it('shows every change at once, also those of other processes', async () => {
      const { id: service_id } = await catalog.createService({ type: 't' }, null);
      const { id } = await createEndpoint({ service_id, url: 'http://a/' });
      expect(await urls(catalog, 'p')).to.deep.equal(['http://a/']);
      await catalog.updateEndpoint(id, { url: 'http://b/' }, null);
      expect(await urls(catalog, 'p')).to.deep.equal(['http://b/']);
      const again = await test.openAgain();
      try {
        const other = (await createTestServices(again)).catalog;
        expect(await urls(other, 'p')).to.deep.equal(['http://b/']);
        await other.updateEndpoint(id, { url: 'http://c/' }, null);
        expect(await urls(catalog, 'p')).to.deep.equal(['http://c/']);
        await catalog.updateService(service_id, { enabled: false }, null);
        expect(await urls(other, 'p')).to.deep.equal([]);
      } finally {
        await again.close();
      }
    });

    it('fills in options of the configuration that are on the list', async () => {
      const options = {
        DEFAULT: { public_endpoint: 'http://front:%(public_port)s', admin_token: 'secret' },
        eventlet_server: { public_port: '5001', admin_bind_host: '10.0.0.1' },
      };
      const { catalog: configured } = await createTestServices(test.database, options);
      const { id: service_id } = await configured.createService({ type: 't' }, null);
      for (const url of [
        '$(public_endpoint)s/v3',
        'http://$(admin_bind_host)s:$(public_port)s',
        // What has no value is left out.
        '$(admin_endpoint)s/v3',
        'http://$(compute_host)s/',
      ]) {
        await configured.createEndpoint({ interface: 'public', service_id, url }, null);
      }
      expect(await urls(configured, 'p')).to.deep.equal(['http://10.0.0.1:5001', 'http://front:5001/v3']);
    });

    it('leaves out stored endpoints that cannot be filled in, and never tells an option', async () => {
      const { id: service_id } = await catalog.createService({ type: 't' }, null);
      const row = { interface: 'public', service_id };
      for (const [id, url] of Object.entries({
        token: 'http://h/$(admin_token)s',
        broken: 'http://h/%(tenant_id)',
        percent: 'http://h/a%20b',
        empty: '',
        good: 'http://h/%(user_id)s',
      })) {
        await test.database.table('endpoint').insert({ ...row, id, url });
      }
      expect(await urls(catalog, 'p')).to.deep.equal(['http://h/u']);
    });
  });
});
