import { expect } from 'chai';
import {
  EndpointGroupNotFound,
  EndpointNotFound,
  ProjectNotFound,
  ValidationError,
} from '../../../../src/common/errors.js';
import type { EndpointFilter } from '../../../../src/subsystems/catalog/endpoint_filter.js';
import { inGroup } from '../../../../src/subsystems/catalog/endpoint_groups.js';
import { rejection } from '../../../support/rejection.js';
import {
  createTestServices,
  type Options,
  openTestDatabase,
  type TestDatabase,
  type TestServices,
} from './support.js';

const FILTERING: Options = { catalog: { driver: 'endpoint_filter.sql' } };

describe('catalog/endpoint_filter', () => {
  let test: TestDatabase;
  let services: TestServices;
  let filter: EndpointFilter;
  /** Endpoint ids. */
  let nova: { public: string; admin: string };
  let glance: { public: string };
  let glanceId: string;

  before(async () => {
    test = await openTestDatabase();
  });

  after(() => test.remove());

  beforeEach(async () => {
    await test.clear();
    services = await createTestServices(test.database, FILTERING);
    const { catalog } = services;
    filter = catalog.endpointFilter;
    for (const id of ['p1', 'p2']) await services.createProject(id);
    const make = async (service_id: string, kind: string): Promise<string> =>
      (
        await catalog.createEndpoint(
          { service_id, interface: kind, url: `http://h/${kind}`, region: 'r' },
          null,
        )
      ).id;
    const { id: novaId } = await catalog.createService({ type: 'compute', name: 'nova' }, null);
    glanceId = (await catalog.createService({ type: 'image', name: 'glance' }, null)).id;
    await catalog.createService({ type: 'none', name: 'none' }, null);
    nova = { public: await make(novaId, 'public'), admin: await make(novaId, 'admin') };
    glance = { public: await make(glanceId, 'public') };
  });

  async function createGroup(filters: Record<string, unknown>): Promise<string> {
    return (await filter.createEndpointGroup({ name: 'g', filters })).id;
  }

  async function catalogOf(projectId: string | null, from = services): Promise<Record<string, string[]>> {
    const entries = await from.catalog.getV3Catalog('u', projectId);
    return Object.fromEntries(
      entries.map(({ name, endpoints }) => [name, endpoints.map(({ id }) => id).sort()]),
    );
  }

  function everything(): Record<string, string[]> {
    return { nova: [nova.public, nova.admin].sort(), glance: [glance.public], none: [] };
  }

  describe('associations', () => {
    it('need an endpoint and a project', async () => {
      expect(await rejection(filter.addEndpointToProject('x', 'p1'))).to.be.instanceOf(EndpointNotFound);
      expect(await rejection(filter.addEndpointToProject(nova.admin, 'x'))).to.be.instanceOf(ProjectNotFound);
      expect(await rejection(filter.checkEndpointInProject('x', 'p1'))).to.be.instanceOf(EndpointNotFound);
      expect(await rejection(filter.checkEndpointInProject(nova.admin, 'x'))).to.be.instanceOf(
        ProjectNotFound,
      );
      expect(await rejection(filter.listEndpointsForProject('x'))).to.be.instanceOf(ProjectNotFound);
      expect(await rejection(filter.listProjectsForEndpoint('x'))).to.be.instanceOf(EndpointNotFound);
    });

    it('are listed from both sides, with what groups add', async () => {
      await filter.addEndpointToProject(nova.admin, 'p1');
      const ids = async (): Promise<string[]> =>
        (await filter.listEndpointsForProject('p1')).map(({ id }) => id).sort();
      expect(await ids()).to.deep.equal([nova.admin]);
      const group = await createGroup({ interface: 'public', service_id: glanceId });
      await filter.addEndpointGroupToProject(group, 'p1');
      expect(await ids()).to.deep.equal([nova.admin, glance.public].sort());
      expect((await filter.listProjectsForEndpoint(nova.admin)).map(({ id }) => id)).to.deep.equal(['p1']);
      expect((await filter.listProjectsForEndpointGroup(group)).map(({ id }) => id)).to.deep.equal(['p1']);
      expect(await filter.listProjectsForEndpointGroup('unknown')).to.deep.equal([]);
    });

    it('go with their endpoint, the service of it, and their project', async () => {
      for (const endpoint of [nova.admin, nova.public, glance.public]) {
        await filter.addEndpointToProject(endpoint, 'p1');
      }
      const left = async (): Promise<string[]> =>
        (await test.database.table('project_endpoint').find()).map((row) => row.endpoint_id).sort();
      await services.catalog.deleteEndpoint(nova.admin, null);
      expect(await left()).to.deep.equal([nova.public, glance.public].sort());
      await services.catalog.deleteService(glanceId, null);
      expect(await left()).to.deep.equal([nova.public]);
      await services.notifications.deleted('project', 'p1', null);
      expect(await left()).to.deep.equal([]);
    });
  });

  describe('groups', () => {
    it('hold the endpoints that have all values of the filters', async () => {
      const held = async (filters: Record<string, unknown>): Promise<string[]> =>
        (await filter.listEndpointsInGroup(await createGroup(filters))).map(({ id }) => id).sort();
      expect(await held({})).to.have.length(3);
      expect(await held({ interface: 'public' })).to.deep.equal([nova.public, glance.public].sort());
      expect(await held({ interface: 'public', service_id: glanceId, region_id: 'r' })).to.deep.equal([
        glance.public,
      ]);
      expect(await held({ region_id: null })).to.deep.equal([]);
      expect(await rejection(filter.listEndpointsInGroup('x'))).to.be.instanceOf(EndpointGroupNotFound);
    });

    it('hold nothing by a filter that old databases may have and nobody knows', () => {
      const endpoint = { interface: 'public', service_id: 's', region_id: null };
      expect(inGroup({ region_id: null }, endpoint)).to.equal(true);
      expect(inGroup({ constructor: undefined }, endpoint)).to.equal(false);
    });

    it('take only filters by service, region and interface', async () => {
      const error = await rejection(createGroup({ interface: 'public', url: 'x' }));
      expect(error).to.be.instanceOf(ValidationError);
      expect(error.message).to.contain('service_id or region_id or interface in endpoint_group');
      const id = await createGroup({});
      const changed = filter.updateEndpointGroup(id, { filters: { enabled: true } });
      expect(await rejection(changed)).to.be.instanceOf(ValidationError);
    });

    it('are associated with projects that exist', async () => {
      const id = await createGroup({});
      expect(await rejection(filter.addEndpointGroupToProject(id, 'x'))).to.be.instanceOf(ProjectNotFound);
      expect(await rejection(filter.addEndpointGroupToProject('x', 'p1'))).to.be.instanceOf(
        EndpointGroupNotFound,
      );
      expect(await rejection(filter.listEndpointGroupsForProject('x'))).to.be.instanceOf(ProjectNotFound);
    });
  });

  describe('the catalog of endpoint_filter.sql', () => {
    it('is whole for a project without associations, and without a project', async () => {
      await filter.addEndpointToProject(nova.admin, 'p2');
      expect(await catalogOf('p1')).to.deep.equal(everything());
      expect(await catalogOf(null)).to.deep.equal(everything());
    });

    it('is empty then with return_all_endpoints_if_no_filter = False', async () => {
      const options = { ...FILTERING, endpoint_filter: { return_all_endpoints_if_no_filter: 'False' } };
      const strict = await createTestServices(test.database, options);
      await filter.addEndpointToProject(nova.admin, 'p2');
      expect(await catalogOf('p1', strict)).to.deep.equal({});
      expect(await catalogOf(null, strict)).to.deep.equal({});
      expect(await catalogOf('p2', strict)).to.deep.equal({ nova: [nova.admin] });
    });

    it('holds what is associated with the project, itself or by group', async () => {
      await filter.addEndpointToProject(nova.admin, 'p1');
      expect(await catalogOf('p1')).to.deep.equal({ nova: [nova.admin] });
      await filter.addEndpointGroupToProject(await createGroup({ service_id: glanceId }), 'p1');
      expect(await catalogOf('p1')).to.deep.equal({ nova: [nova.admin], glance: [glance.public] });
      expect(await catalogOf('p2')).to.deep.equal(everything());
    });

    it('leaves out what is disabled, and is not whole because of it', async () => {
      await filter.addEndpointToProject(nova.admin, 'p1');
      await filter.addEndpointToProject(glance.public, 'p1');
      await services.catalog.updateEndpoint(nova.admin, { enabled: false }, null);
      await services.catalog.updateService(glanceId, { enabled: false }, null);
      expect(await catalogOf('p1')).to.deep.equal({});
    });

    it('leaves out a service none of whose endpoints can be used', async () => {
      await test.database.table('endpoint').update({ id: nova.admin }, { url: 'http://$(admin_token)s' });
      await filter.addEndpointToProject(nova.admin, 'p1');
      expect(await catalogOf('p1')).to.deep.equal({});
    });

    it('is nothing to the driver sql', async () => {
      await filter.addEndpointToProject(nova.admin, 'p1');
      expect(await catalogOf('p1', await createTestServices(test.database))).to.deep.equal(everything());
    });
  });
});
