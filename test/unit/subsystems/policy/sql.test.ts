import { expect } from 'chai';
import { createDriver } from '../../../../src/subsystems/policy/backends/sql.js';
import type { PolicyDriver } from '../../../../src/subsystems/policy/driver.js';
import { policyDriverSuite } from '../../../conformance/policy.js';
import { driverContext, openTestDatabase, type TestDatabase, testConf } from '../catalog/support.js';

describe('policy/backends/sql on SQLite', () => {
  let test: TestDatabase;
  let driver: PolicyDriver;

  before(async () => {
    test = await openTestDatabase();
    driver = createDriver(driverContext(test.database, testConf()));
  });

  after(() => test.remove());

  policyDriverSuite(() => driver);

  it('keeps the blob as Keystone does: as JSON', async () => {
    await driver.createPolicy({ id: 'text', type: 't', blob: '{"rule": "!"}' });
    const row = await test.database.table('policy').get('text');
    expect(row?.blob).to.equal('"{\\"rule\\": \\"!\\"}"');
    await test.database.table('policy').insert({ id: 'old', type: 't', blob: '{"rule": "!"}' });
    expect(await driver.getPolicy('old')).to.deep.equal({ id: 'old', type: 't', blob: { rule: '!' } });
  });
});
