import { expect } from 'chai';
import { createDriver as createFiltering } from '../../../../src/subsystems/catalog/backends/endpoint_filter_sql.js';
import { createDriver } from '../../../../src/subsystems/catalog/backends/sql.js';
import type { CatalogDriver } from '../../../../src/subsystems/catalog/driver.js';
import { catalogDriverSuite } from '../../../conformance/catalog.js';
import { driverContext, openTestDatabase, type TestDatabase, testConf } from './support.js';

describe('catalog/backends on SQLite', () => {
  let test: TestDatabase;

  before(async () => {
    test = await openTestDatabase();
  });

  after(() => test.remove());

  describe('sql', () => {
    let driver: CatalogDriver;

    before(() => {
      driver = createDriver(driverContext(test.database, testConf()));
    });

    catalogDriverSuite(() => driver);

    it('gives a service of an old database without a name the empty one', async () => {
      await test.database.table('service').insert({ id: 'old', type: 'old', extra: '{"name": null}' });
      expect(await driver.getService('old')).to.deep.equal({
        id: 'old',
        type: 'old',
        name: '',
        enabled: true,
      });
    });
  });

  describe('endpoint_filter.sql', () => {
    let driver: CatalogDriver;

    before(() => {
      driver = createFiltering(driverContext(test.database, testConf()));
    });

    catalogDriverSuite(() => driver);
  });
});
