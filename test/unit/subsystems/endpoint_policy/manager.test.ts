import { expect } from 'chai';
import {
  EndpointNotFound,
  NotFound,
  PolicyAssociationNotFound,
  PolicyNotFound,
  RegionNotFound,
  ServiceNotFound,
} from '../../../../src/common/errors.js';
import { endpointPolicy } from '../../../../src/subsystems/endpoint_policy/index.js';
import type { EndpointPolicyManager } from '../../../../src/subsystems/endpoint_policy/manager.js';
import type { Providers } from '../../../../src/subsystems/providers.js';
import { rejection } from '../../../support/rejection.js';
import {
  createTestServices,
  openTestDatabase,
  type TestDatabase,
  type TestServices,
} from '../catalog/support.js';

describe('endpoint_policy/manager', () => {
  let test: TestDatabase;
  let services: TestServices;
  let manager: EndpointPolicyManager;
  let serviceId: string;
  let endpointId: string;

  before(async () => {
    test = await openTestDatabase();
  });

  after(() => test.remove());

  beforeEach(async () => {
    await test.clear();
    services = await createTestServices(test.database);
    manager = services.endpointPolicy;
    const { catalog } = services;
    await catalog.createRegion({ id: 'world' }, null);
    await catalog.createRegion({ id: 'europe', parent_region_id: 'world' }, null);
    await catalog.createRegion({ id: 'france', parent_region_id: 'europe' }, null);
    serviceId = (await catalog.createService({ type: 'compute' }, null)).id;
    endpointId = await createEndpoint('france');
  });

  async function createEndpoint(region_id?: string, service_id = serviceId): Promise<string> {
    const attributes = { service_id, interface: 'public', url: 'http://h/', ...(region_id && { region_id }) };
    return (await services.catalog.createEndpoint(attributes, null)).id;
  }

  async function createPolicy(): Promise<string> {
    return (await services.policy.createPolicy({ type: 't', blob: 'b' }, null)).id;
  }

  async function found(endpoint = endpointId): Promise<string> {
    return (await manager.getPolicyForEndpoint(endpoint)).id;
  }

  it('looks at the endpoint, then at region and service upwards, then at the service', async () => {
    const none = await rejection(manager.getPolicyForEndpoint(endpointId));
    expect(none).to.be.instanceOf(NotFound);
    expect(none.message).to.equal(`No policy is associated with endpoint ${endpointId}.`);
    const ids: string[] = [];
    for (const target of [
      { serviceId },
      { serviceId, regionId: 'world' },
      { serviceId, regionId: 'europe' },
      { serviceId, regionId: 'france' },
      { endpointId },
    ]) {
      const id = await createPolicy();
      await manager.associate(id, target);
      expect(await found()).to.equal(id);
      ids.push(id);
    }
    expect(await found(await createEndpoint())).to.equal(ids[0]);
    expect(await found(await createEndpoint('europe'))).to.equal(ids[2]);
    const { id: other } = await services.catalog.createService({ type: 'image' }, null);
    expect(await rejection(found(await createEndpoint('france', other)))).to.be.instanceOf(NotFound);
  });

  it('comes to an end when a damaged database holds a circle of regions', async () => {
    await test.database.table('region').update({ id: 'world' }, { parent_region_id: 'france' });
    await services.catalog.createRegion({ id: 'elsewhere' }, null);
    const policy = await createPolicy();
    await manager.associate(policy, { serviceId, regionId: 'elsewhere' });
    expect(await rejection(found())).to.be.instanceOf(NotFound);
    await manager.associate(policy, { serviceId });
    expect(await found()).to.equal(policy);
  });

  it('lists the endpoints that associations of a policy reach, each once', async () => {
    const policy = await createPolicy();
    const listed = async (): Promise<string[]> =>
      (await manager.listEndpointsForPolicy(policy)).map(({ id }) => id).sort();
    const { id: image } = await services.catalog.createService({ type: 'image' }, null);
    const inEurope = await createEndpoint('europe');
    const nowhere = await createEndpoint();
    const other = await createEndpoint('france', image);
    expect(await listed()).to.deep.equal([]);
    await manager.associate(policy, { endpointId: other });
    expect(await listed()).to.deep.equal([other]);
    await manager.associate(policy, { serviceId, regionId: 'europe' });
    expect(await listed()).to.deep.equal([other, endpointId, inEurope].sort());
    await manager.associate(policy, { endpointId });
    await manager.associate(policy, { serviceId });
    expect(await listed()).to.deep.equal([other, endpointId, inEurope, nowhere].sort());
  });

  it('passes over endpoints that old databases still associate', async () => {
    const policy = await createPolicy();
    await test.database
      .table('policy_association')
      .insert({ id: 'old', policy_id: policy, endpoint_id: 'gone', service_id: null, region_id: null });
    expect(await manager.listEndpointsForPolicy(policy)).to.deep.equal([]);
  });

  it('needs everything that it is asked about', async () => {
    const policy = await createPolicy();
    const attempts = ['associate', 'checkAssociation', 'deleteAssociation'] as const;
    for (const attempt of attempts) {
      const fails = async (...args: Parameters<EndpointPolicyManager['associate']>): Promise<Error> =>
        rejection(manager[attempt](...args));
      expect(await fails('x', { endpointId })).to.be.instanceOf(PolicyNotFound);
      expect(await fails(policy, { endpointId: 'x' })).to.be.instanceOf(EndpointNotFound);
      expect(await fails(policy, { serviceId: 'x' })).to.be.instanceOf(ServiceNotFound);
      expect(await fails(policy, { serviceId, regionId: 'x' })).to.be.instanceOf(RegionNotFound);
    }
    expect(await rejection(manager.getPolicyForEndpoint('x'))).to.be.instanceOf(EndpointNotFound);
    expect(await rejection(manager.listEndpointsForPolicy('x'))).to.be.instanceOf(PolicyNotFound);
    expect(await rejection(manager.checkAssociation(policy, { serviceId }))).to.be.instanceOf(
      PolicyAssociationNotFound,
    );
  });

  it('forgets what is deleted, also when it goes with something else', async () => {
    const left = (): Promise<number> => test.database.table('policy_association').count();
    const [one, two] = [await createPolicy(), await createPolicy()];
    await manager.associate(one, { endpointId });
    await manager.associate(one, { serviceId, regionId: 'europe' });
    await manager.associate(two, { serviceId });
    await services.policy.deletePolicy(two, null);
    expect(await left()).to.equal(2);
    await services.catalog.deleteEndpoint(endpointId, null);
    expect(await left()).to.equal(1);
    await services.catalog.deleteRegion('world', null);
    expect(await left()).to.equal(0);
    const endpoint = await createEndpoint();
    await manager.associate(one, { endpointId: endpoint });
    await manager.associate(one, { serviceId });
    await services.catalog.deleteService(serviceId, null);
    expect(await left()).to.equal(0);
  });

  it('has no routes with [endpoint_policy] enabled = False', async () => {
    const { conf, ...managers } = await createTestServices(test.database, {
      endpoint_policy: { enabled: 'False' },
    });
    const providers = managers as unknown as Providers;
    expect(endpointPolicy.routes(providers, conf)).to.deep.equal([]);
    expect(endpointPolicy.routes(providers, services.conf)).not.to.deep.equal([]);
  });
});
