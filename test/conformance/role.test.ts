import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { loadConf } from '../../src/conf/index.js';
import { createDriver } from '../../src/subsystems/role/backends/sql.js';
import type { RoleDriver } from '../../src/subsystems/role/driver.js';
import { onEveryDatabase } from './databases.js';
import { roleDriverSuite } from './role.js';

describe('role drivers', function limited() {
  this.timeout(120_000);
  onEveryDatabase((databaseOf) => {
    const driverOf = (): RoleDriver => {
      const { conf } = loadConf({ sources: [], env: { HOME: tmpdir() } });
      return createDriver({ conf, database: databaseOf(), keys: new Map() });
    };

    roleDriverSuite(driverOf);

    it('reads a description where Newton kept it', async () => {
      const row = { id: 'newton', name: 'newton', extra: '{"description": "old"}' };
      await databaseOf().table('role').insert(row);
      expect(await driverOf().getRole('newton')).to.have.property('description', 'old');
      await driverOf().updateRole('newton', { description: 'new' });
      expect(await databaseOf().table('role').get('newton')).to.include({ description: 'new', extra: '{}' });
    });
  });
});
