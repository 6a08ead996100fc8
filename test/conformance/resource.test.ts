import { tmpdir } from 'node:os';
import { loadConf } from '../../src/conf/index.js';
import * as domainConfigSql from '../../src/subsystems/domain_config/backends/sql.js';
import type { DomainConfigDriver } from '../../src/subsystems/domain_config/driver.js';
import * as resourceSql from '../../src/subsystems/resource/backends/sql.js';
import type { ResourceDriver } from '../../src/subsystems/resource/driver.js';
import * as revokeSql from '../../src/subsystems/revoke/backends/sql.js';
import type { RevokeDriver } from '../../src/subsystems/revoke/driver.js';
import type { DriverContext } from '../../src/subsystems/subsystem.js';
import { onEveryDatabase } from './databases.js';
import { domainConfigDriverSuite } from './domain_config.js';
import { resourceDriverSuite } from './resource.js';
import { revokeDriverSuite } from './revoke.js';

describe('resource, domain_config and revoke drivers', function limited() {
  this.timeout(120_000);
  onEveryDatabase((databaseOf) => {
    const context = (): DriverContext => ({
      conf: loadConf({ sources: [], env: { HOME: tmpdir() } }).conf,
      database: databaseOf(),
      keys: new Map(),
    });

    describe('resource: sql', () => {
      resourceDriverSuite((): ResourceDriver => resourceSql.createDriver(context()));
    });

    describe('domain_config: sql', () => {
      domainConfigDriverSuite((): DomainConfigDriver => domainConfigSql.createDriver(context()));
    });

    describe('revoke: sql', () => {
      revokeDriverSuite((): RevokeDriver => revokeSql.createDriver(context()));
    });
  });
});
