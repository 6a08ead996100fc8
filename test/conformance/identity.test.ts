import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPasswordHashing, type PasswordHashing } from '../../src/common/crypto/password/index.js';
import { type Conf, loadConf } from '../../src/conf/index.js';
import { createDriver, sqlDriver } from '../../src/subsystems/identity/backends/sql.js';
import type { IdentityDriver } from '../../src/subsystems/identity/driver.js';
import { onEveryDatabase } from './databases.js';
import { identityDriverSuite } from './identity.js';
import { type SqlIdentityFixture, sqlIdentitySuite } from './identity_sql.js';

describe('identity drivers', function limited() {
  this.timeout(120_000);
  let folder: string;
  let hashing: PasswordHashing;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keystone-identity-'));
    hashing = createPasswordHashing({ rounds: 1000 });
  });
  after(async () => {
    await hashing.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function confWith(...lines: readonly string[]): Promise<Conf> {
    const file = join(folder, 'keystone.conf');
    await writeFile(file, lines.join('\n'));
    return loadConf({ configFiles: [file], env: {} }).conf;
  }

  onEveryDatabase((databaseOf) => {
    const slow: IdentityDriver[] = [];
    const fixture: SqlIdentityFixture = {
      get database() {
        return databaseOf();
      },
      async driver(...options) {
        return sqlDriver(await confWith('[security_compliance]', ...options), databaseOf(), hashing);
      },
      async slowDriver(...options) {
        const conf = await confWith(
          '[DEFAULT]',
          'crypt_strength = 20000',
          '[security_compliance]',
          ...options,
        );
        const driver = createDriver({ conf, database: databaseOf(), keys: new Map() });
        slow.push(driver);
        return driver;
      },
    };
    let plain: IdentityDriver;
    before(async () => {
      plain = await fixture.driver();
    });
    after(() => Promise.all(slow.map((driver) => driver.close())));

    identityDriverSuite(() => plain);
    sqlIdentitySuite(() => fixture);
  });
});
