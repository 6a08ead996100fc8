import { tmpdir } from 'node:os';
import { loadConf } from '../../src/conf/index.js';
import { createDriver } from '../../src/subsystems/id_mapping/backends/sql.js';
import { onEveryDatabase } from './databases.js';
import { idMappingDriverSuite } from './id_mapping.js';

describe('id_mapping drivers', function limited() {
  this.timeout(120_000);
  const { conf } = loadConf({ sources: [], env: { HOME: tmpdir() } });
  onEveryDatabase((databaseOf) => {
    describe('sql', () => {
      idMappingDriverSuite(() => createDriver({ conf, database: databaseOf(), keys: new Map() }));
    });
  });
});
