/** What every catalog backend that can be written to promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import {
  Conflict,
  EndpointGroupNotFound,
  EndpointNotFound,
  NotFound,
  RegionNotFound,
  ServiceNotFound,
} from '../../src/common/errors.js';
import { Hints } from '../../src/common/hints.js';
import { finishList } from '../../src/common/http/list.js';
import type { CatalogDriver } from '../../src/subsystems/catalog/driver.js';
import type { Endpoint, EndpointGroup, Region, Service } from '../../src/subsystems/catalog/types.js';
import { rejection } from '../support/rejection.js';

/** @param driverOf gives the backend under test; the suite makes ids of its own and leaves others alone */
export function catalogDriverSuite(driverOf: () => CatalogDriver): void {
  function createRegion(attributes: Partial<Region> = {}): Promise<Region> {
    return driverOf().createRegion({ id: uuidHex(), description: '', parent_region_id: null, ...attributes });
  }

  function createService(attributes: Partial<Service> = {}): Promise<Service> {
    return driverOf().createService({
      id: uuidHex(),
      type: 'compute',
      name: 'nova',
      enabled: true,
      ...attributes,
    });
  }

  async function createEndpoint(attributes: Partial<Endpoint> = {}): Promise<Endpoint> {
    return driverOf().createEndpoint({
      id: uuidHex(),
      interface: 'public',
      service_id: attributes.service_id ?? (await createService()).id,
      region_id: null,
      url: 'http://nova.example/',
      enabled: true,
      legacy_endpoint_id: null,
      ...attributes,
    });
  }

  function createGroup(attributes: Partial<EndpointGroup> = {}): Promise<EndpointGroup> {
    const group = { id: uuidHex(), name: 'group', description: null, filters: { interface: 'public' } };
    return driverOf().createEndpointGroup({ ...group, ...attributes });
  }

  describe('regions', () => {
    it('come back as they were stored, extra attributes included', async () => {
      const region = {
        id: uuidHex(),
        description: 'north',
        parent_region_id: null,
        url: 'x',
        nested: { a: [1] },
      };
      expect(await driverOf().createRegion(region)).to.deep.equal(region);
      expect(await driverOf().getRegion(region.id)).to.deep.equal(region);
    });

    it('have an id of their own', async () => {
      const { id } = await createRegion();
      const error = await rejection(createRegion({ id }));
      expect(error).to.be.instanceOf(Conflict);
      expect(error.message).to.contain(`Duplicate ID, ${id}.`);
    });

    it('are found by their parent, and know it', async () => {
      const parent = await createRegion();
      const child = await createRegion({ parent_region_id: parent.id });
      const hints = new Hints().addFilter('parent_region_id', parent.id);
      const { entities } = finishList(hints, await driverOf().listRegions(hints));
      expect(entities).to.deep.equal([child]);
      const parents = await driverOf().regionParents();
      expect(parents.get(child.id)).to.equal(parent.id);
      expect(parents.get(parent.id)).to.equal(null);
    });

    it('keep what an update does not name', async () => {
      const { id } = await createRegion({ description: 'old', colour: 'red' });
      const updated = await driverOf().updateRegion(id, { description: 'new', size: 3 });
      expect(updated).to.deep.equal({
        id,
        description: 'new',
        parent_region_id: null,
        colour: 'red',
        size: 3,
      });
      expect(await driverOf().getRegion(id)).to.deep.equal(updated);
    });

    it('are deleted together; unknown ones are passed over', async () => {
      const ids = [(await createRegion()).id, (await createRegion()).id, 'nowhere'];
      await driverOf().deleteRegions(ids);
      for (const id of ids)
        expect(await rejection(driverOf().getRegion(id))).to.be.instanceOf(RegionNotFound);
    });

    it('are unknown by other ids', async () => {
      expect(await rejection(driverOf().getRegion('nowhere'))).to.be.instanceOf(RegionNotFound);
      expect(await rejection(driverOf().updateRegion('nowhere', {}))).to.be.instanceOf(RegionNotFound);
    });
  });

  describe('services', () => {
    it('come back as they were stored, extra attributes included', async () => {
      const service = {
        id: uuidHex(),
        type: 'image',
        name: 'glance',
        enabled: false,
        description: 'é',
        x: null,
      };
      expect(await driverOf().createService(service)).to.deep.equal(service);
      expect(await driverOf().getService(service.id)).to.deep.equal(service);
    });

    it('are filtered by type and by name', async () => {
      const type = uuidHex();
      const named = await createService({ type, name: 'one' });
      await createService({ type, name: 'two' });
      const hints = new Hints().addFilter('type', type).addFilter('name', 'one');
      expect(finishList(hints, await driverOf().listServices(hints)).entities).to.deep.equal([named]);
    });

    it('are cut to the limit, but never before all filters were applied', async () => {
      const type = uuidHex();
      for (const name of ['a', 'a', 'b', 'b', 'b']) await createService({ type, name });
      const cut = async (name: string): Promise<{ size: number; truncated: boolean }> => {
        const hints = new Hints().addFilter('type', type).addFilter('name', name).setLimit(2);
        const { entities, truncated } = finishList(hints, await driverOf().listServices(hints));
        return { size: entities.length, truncated };
      };
      expect(await cut('a')).to.deep.equal({ size: 2, truncated: false });
      expect(await cut('b')).to.deep.equal({ size: 2, truncated: true });
      const hints = new Hints().addFilter('type', type).setLimit(4);
      expect(finishList(hints, await driverOf().listServices(hints))).to.deep.include({ truncated: true });
    });

    it('keep what an update does not name', async () => {
      const { id } = await createService({ description: 'd' });
      const updated = await driverOf().updateService(id, { enabled: false, name: 'other' });
      expect(updated).to.deep.equal({ id, type: 'compute', name: 'other', enabled: false, description: 'd' });
      expect(await driverOf().getService(id)).to.deep.equal(updated);
    });

    it('take their endpoints with them', async () => {
      const { id } = await createService();
      const endpoint = await createEndpoint({ service_id: id });
      const other = await createEndpoint();
      await driverOf().deleteService(id);
      expect(await rejection(driverOf().getService(id))).to.be.instanceOf(ServiceNotFound);
      expect(await rejection(driverOf().getEndpoint(endpoint.id))).to.be.instanceOf(EndpointNotFound);
      expect(await driverOf().getEndpoint(other.id)).to.deep.equal(other);
    });

    it('are unknown by other ids', async () => {
      expect(await rejection(driverOf().getService('nobody'))).to.be.instanceOf(ServiceNotFound);
      expect(await rejection(driverOf().updateService('nobody', {}))).to.be.instanceOf(ServiceNotFound);
      expect(await rejection(driverOf().deleteService('nobody'))).to.be.instanceOf(ServiceNotFound);
    });
  });

  describe('endpoints', () => {
    it('come back as they were stored, extra attributes included', async () => {
      const region = await createRegion();
      const service = await createService();
      const endpoint: Endpoint = {
        id: uuidHex(),
        interface: 'internal',
        service_id: service.id,
        region_id: region.id,
        url: `http://${'x'.repeat(300)}/$(tenant_id)s`,
        enabled: false,
        legacy_endpoint_id: uuidHex(),
        name: 'extra',
      };
      expect(await driverOf().createEndpoint(endpoint)).to.deep.equal(endpoint);
      expect(await driverOf().getEndpoint(endpoint.id)).to.deep.equal(endpoint);
    });

    it('are filtered by interface, service and region', async () => {
      const region = await createRegion();
      const service = await createService();
      const shared = { service_id: service.id, region_id: region.id };
      const wanted = await createEndpoint({ ...shared, interface: 'admin' });
      await createEndpoint({ ...shared, interface: 'public' });
      await createEndpoint({ service_id: service.id, interface: 'admin' });
      await createEndpoint({ region_id: region.id, interface: 'admin' });
      const hints = new Hints()
        .addFilter('interface', 'admin')
        .addFilter('service_id', service.id)
        .addFilter('region_id', region.id);
      expect(finishList(hints, await driverOf().listEndpoints(hints)).entities).to.deep.equal([wanted]);
    });

    it('are found by ids, services and regions; unknown ones are passed over', async () => {
      const region = await createRegion();
      const first = await createEndpoint({ region_id: region.id });
      const second = await createEndpoint();
      const driver = driverOf();
      const ids = (endpoints: readonly Endpoint[]): string[] => endpoints.map(({ id }) => id).sort();
      const both = [first.id, second.id].sort();
      expect(ids(await driver.listEndpointsFromIds([...both, 'nobody']))).to.deep.equal(both);
      const services = [first.service_id, second.service_id, 'nobody'];
      expect(ids(await driver.listEndpointsOfServices(services))).to.deep.equal(both);
      expect(await driver.listEndpointsInRegions([region.id, 'nowhere'])).to.deep.equal([first]);
      for (const nothing of [
        driver.listEndpointsFromIds([]),
        driver.listEndpointsOfServices([]),
        driver.listEndpointsInRegions([]),
      ]) {
        expect(await nothing).to.deep.equal([]);
      }
    });

    it('keep what an update does not name', async () => {
      const endpoint = await createEndpoint({ description: 'd' });
      const changes = { url: 'http://new.example/', enabled: false };
      const updated = await driverOf().updateEndpoint(endpoint.id, changes);
      expect(updated).to.deep.equal({ ...endpoint, ...changes });
      expect(await driverOf().getEndpoint(endpoint.id)).to.deep.equal(updated);
    });

    it('are unknown by other ids', async () => {
      expect(await rejection(driverOf().getEndpoint('nobody'))).to.be.instanceOf(EndpointNotFound);
      expect(await rejection(driverOf().updateEndpoint('nobody', {}))).to.be.instanceOf(EndpointNotFound);
      expect(await rejection(driverOf().deleteEndpoint('nobody'))).to.be.instanceOf(EndpointNotFound);
    });
  });

  describe('the catalog', () => {
    it('holds enabled services with their enabled endpoints, and services that have none', async () => {
      const region = await createRegion();
      const service = await createService({ type: 'volume', name: 'cinder', description: 'not shown' });
      const shown = await createEndpoint({ service_id: service.id, region_id: region.id, extra_name: 'e' });
      await createEndpoint({ service_id: service.id, enabled: false });
      const empty = await createService({ name: '' });
      const disabled = await createService({ enabled: false });
      await createEndpoint({ service_id: disabled.id });

      const { services, filtered } = await driverOf().catalogFor(null);
      expect(filtered).to.equal(false);
      const found = new Map(services.map((entry) => [entry.id, entry]));
      expect(found.get(service.id)).to.deep.equal({
        id: service.id,
        type: 'volume',
        name: 'cinder',
        endpoints: [
          { id: shown.id, interface: 'public', region_id: region.id, url: shown.url, extra_name: 'e' },
        ],
      });
      expect(found.get(empty.id)).to.deep.include({ name: '', endpoints: [] });
      expect(found.has(disabled.id)).to.equal(false);
      const ids = services.map(({ id }) => id);
      expect(ids).to.deep.equal([...ids].sort());
    });
  });

  describe('associations of endpoints with projects', () => {
    it('are made once, found from both sides, and deleted', async () => {
      const driver = driverOf();
      const { id } = await createEndpoint();
      const project = uuidHex();
      expect(await rejection(driver.checkEndpointInProject(id, project))).to.be.instanceOf(NotFound);
      await driver.addEndpointToProject(id, project);
      await driver.checkEndpointInProject(id, project);
      expect(await rejection(driver.addEndpointToProject(id, project))).to.be.instanceOf(Conflict);
      expect(await driver.listEndpointIdsOfProject(project)).to.deep.equal([id]);
      expect(await driver.listProjectIdsOfEndpoint(id)).to.deep.equal([project]);
      await driver.removeEndpointFromProject(id, project);
      const error = await rejection(driver.removeEndpointFromProject(id, project));
      expect(error.message).to.equal(`Endpoint ${id} not found in project ${project}`);
    });

    it('go with the endpoint and with the project', async () => {
      const driver = driverOf();
      const [one, two] = [await createEndpoint(), await createEndpoint()];
      const group = await createGroup();
      const project = uuidHex();
      for (const { id } of [one, two]) await driver.addEndpointToProject(id, project);
      await driver.addEndpointGroupToProject(group.id, project);
      await driver.deleteEndpointAssociations(one.id);
      expect(await driver.listEndpointIdsOfProject(project)).to.deep.equal([two.id]);
      await driver.deleteProjectAssociations(project);
      expect(await driver.listEndpointIdsOfProject(project)).to.deep.equal([]);
      expect(await driver.listEndpointGroupsOfProject(project)).to.deep.equal([]);
      expect(await driver.getEndpointGroup(group.id)).to.deep.equal(group);
    });
  });

  describe('endpoint groups', () => {
    it('come back as they were stored', async () => {
      const group = await createGroup({ description: 'd', filters: { service_id: 's', region_id: 'r' } });
      expect(await driverOf().getEndpointGroup(group.id)).to.deep.equal(group);
      expect(await driverOf().listEndpointGroups()).to.deep.include(group);
    });

    it('keep what an update does not name; filters are replaced as a whole', async () => {
      const group = await createGroup({ filters: { interface: 'admin', service_id: 's' } });
      const updated = await driverOf().updateEndpointGroup(group.id, { filters: { region_id: 'r' } });
      expect(updated).to.deep.equal({ ...group, filters: { region_id: 'r' } });
    });

    it('are associated once, and take associations with them', async () => {
      const driver = driverOf();
      const group = await createGroup();
      const project = uuidHex();
      expect(await rejection(driver.getEndpointGroupInProject(group.id, project))).to.be.instanceOf(NotFound);
      await driver.addEndpointGroupToProject(group.id, project);
      expect(await rejection(driver.addEndpointGroupToProject(group.id, project))).to.be.instanceOf(Conflict);
      const association = { endpoint_group_id: group.id, project_id: project };
      expect(await driver.getEndpointGroupInProject(group.id, project)).to.deep.equal(association);
      expect(await driver.listEndpointGroupsOfProject(project)).to.deep.equal([group]);
      expect(await driver.listProjectIdsOfEndpointGroup(group.id)).to.deep.equal([project]);
      await driver.deleteEndpointGroup(group.id);
      expect(await driver.listProjectIdsOfEndpointGroup(group.id)).to.deep.equal([]);
    });

    it('are unknown by other ids', async () => {
      const driver = driverOf();
      const unknown = [
        () => driver.getEndpointGroup('nobody'),
        () => driver.updateEndpointGroup('nobody', {}),
        () => driver.deleteEndpointGroup('nobody'),
      ];
      for (const attempt of unknown) {
        expect(await rejection(attempt())).to.be.instanceOf(EndpointGroupNotFound);
      }
      const group = await createGroup();
      expect(await rejection(driver.removeEndpointGroupFromProject(group.id, 'nobody'))).to.be.instanceOf(
        NotFound,
      );
    });
  });
}
