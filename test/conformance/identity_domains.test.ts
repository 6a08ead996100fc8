/** The identity suite on several drivers as one. */
import type { IdentityDriver } from '../../src/subsystems/identity/driver.js';
import { createSite, type Site } from '../unit/subsystems/identity/domains/site.js';
import { identityDriverSuite } from './identity.js';

const driverOf = ({ providers }: Site): IdentityDriver =>
  (providers.identity as unknown as { driver: IdentityDriver }).driver;

describe('several identity drivers as one', () => {
  let site: Site;
  beforeEach(function enough() {
    this.timeout(120_000);
  });
  const open = async (): Promise<void> => {
    site = await createSite({
      identity: ['domain_specific_drivers_enabled = true', 'domain_configurations_from_database = true'],
    });
  };

  describe('with everybody in the standard one', () => {
    before(open);
    after(() => site.close());
    identityDriverSuite(() => driverOf(site));
  });

  describe('with a driver for the domain', () => {
    before(async () => {
      await open();
      await site.providers.domainConfig.createConfig('default', { identity: { driver: 'sql' } });
    });
    after(() => site.close());
    identityDriverSuite(() => driverOf(site), {
      manyDomains: false,
      keepsExtras: true,
      renames: true,
      addsMembersAgain: true,
      filtersEnabled: true,
    });
  });
});
