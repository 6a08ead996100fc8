/** What every backend of endpoint policies promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { PolicyAssociationNotFound } from '../../src/common/errors.js';
import type { EndpointPolicyDriver } from '../../src/subsystems/endpoint_policy/driver.js';
import { rejection } from '../support/rejection.js';

/** @param driverOf gives the backend under test; the suite makes ids of its own and leaves others alone */
export function endpointPolicyDriverSuite(driverOf: () => EndpointPolicyDriver): void {
  const ids = (): { policy: string; endpoint: string; service: string; region: string } => ({
    policy: uuidHex(),
    endpoint: uuidHex(),
    service: uuidHex(),
    region: uuidHex(),
  });

  it('associates policies with endpoints, services, and services in regions', async () => {
    const driver = driverOf();
    const { policy, endpoint, service, region } = ids();
    const targets = [
      { endpointId: endpoint },
      { serviceId: service },
      { serviceId: service, regionId: region },
    ];
    for (const target of targets) {
      const before = await rejection(driver.checkAssociation(policy, target));
      expect(before).to.be.instanceOf(PolicyAssociationNotFound);
      await driver.associate(policy, target);
      await driver.checkAssociation(policy, target);
    }
    expect(await driver.listAssociationsOfPolicy(policy)).to.have.deep.members([
      { policy_id: policy, endpoint_id: endpoint, service_id: null, region_id: null },
      { policy_id: policy, endpoint_id: null, service_id: service, region_id: null },
      { policy_id: policy, endpoint_id: null, service_id: service, region_id: region },
    ]);
    for (const target of targets) {
      await driver.deleteAssociation(policy, target);
      await driver.deleteAssociation(policy, target);
      const after = await rejection(driver.checkAssociation(policy, target));
      expect(after).to.be.instanceOf(PolicyAssociationNotFound);
    }
  });

  it('lets a target have one policy: the last', async () => {
    const driver = driverOf();
    const { policy: first, service } = ids();
    const second = uuidHex();
    await driver.associate(first, { serviceId: service });
    await driver.associate(second, { serviceId: service });
    expect(await driver.listAssociationsOfPolicy(first)).to.deep.equal([]);
    expect(await driver.listAssociationsOfPolicy(second)).to.have.length(1);
  });

  it('finds what can go for an endpoint, and nothing else', async () => {
    const driver = driverOf();
    const { policy, endpoint, service, region } = ids();
    await driver.associate(policy, { endpointId: endpoint });
    await driver.associate(policy, { serviceId: service });
    await driver.associate(policy, { serviceId: service, regionId: region });
    await driver.associate(policy, { endpointId: uuidHex() });
    await driver.associate(policy, { serviceId: uuidHex() });
    expect(await driver.listAssociationsForEndpoint(endpoint, service)).to.have.length(3);
    expect(await driver.listAssociationsForEndpoint(uuidHex(), service)).to.have.length(2);
  });

  for (const kind of ['policy', 'endpoint', 'service', 'region'] as const) {
    it(`forgets what is associated by a ${kind}`, async () => {
      const driver = driverOf();
      const { policy, endpoint, service, region } = ids();
      const reach = { policy, endpoint, service, region };
      await driver.associate(policy, { endpointId: endpoint });
      await driver.associate(policy, { serviceId: service, regionId: region });
      await driver.deleteAssociationsOf(kind, reach[kind]);
      const left = { policy: 0, endpoint: 1, service: 1, region: 1 }[kind];
      expect(await driver.listAssociationsOfPolicy(policy)).to.have.length(left);
    });
  }
}
