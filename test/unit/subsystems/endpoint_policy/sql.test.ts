import { createDriver } from '../../../../src/subsystems/endpoint_policy/backends/sql.js';
import type { EndpointPolicyDriver } from '../../../../src/subsystems/endpoint_policy/driver.js';
import { endpointPolicyDriverSuite } from '../../../conformance/endpoint_policy.js';
import { driverContext, openTestDatabase, type TestDatabase, testConf } from '../catalog/support.js';

describe('endpoint_policy/backends/sql on SQLite', () => {
  let test: TestDatabase;
  let driver: EndpointPolicyDriver;

  before(async () => {
    test = await openTestDatabase();
    driver = createDriver(driverContext(test.database, testConf()));
  });

  after(() => test.remove());

  endpointPolicyDriverSuite(() => driver);
});
