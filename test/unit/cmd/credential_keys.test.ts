import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openDatabase } from '../../../src/common/sql/index.js';
import { parseSqlUrl } from '../../../src/common/sql/sqlalchemy_url.js';
import { loadConf } from '../../../src/conf/index.js';
import { loadCredentialStore } from '../../../src/server/credential_store.js';
import type { CredentialDriver } from '../../../src/subsystems/credential/driver.js';
import { createSandbox, OWNER, type Sandbox } from './support.js';

describe('commands for the keys of credentials', () => {
  let sandbox: Sandbox;
  let conf: string[];
  beforeEach(async () => {
    sandbox = await createSandbox();
    const text = [
      '[database]',
      `connection = sqlite:///${sandbox.path('keystone.db')}`,
      '[credential]',
      `key_repository = ${sandbox.path('keys')}`,
    ].join('\n');
    conf = ['--config-file', await sandbox.file('keystone.conf', text)];
    expect(await sandbox.run(...conf, 'db_sync')).to.include({ status: 0 });
  });
  afterEach(() => sandbox.remove());

  async function withStore<T>(work: (store: CredentialDriver) => Promise<T>): Promise<T> {
    const loaded = loadConf({ configFiles: [sandbox.path('keystone.conf')], env: {} });
    const database = await openDatabase({ url: parseSqlUrl(loaded.conf.database.connection) });
    try {
      return await work(await loadCredentialStore(loaded, database));
    } finally {
      await database.close();
    }
  }
  const secret = { id: 'one', user_id: 'user', project_id: null, type: 'cert', blob: 'secret' };

  it('credential_migrate takes credentials from the null key to the first real one', async () => {
    await withStore((store) => store.createCredential(secret));
    expect(await sandbox.run(...conf, 'credential_setup', ...OWNER)).to.include({ status: 0 });
    const refused = await sandbox.run(...conf, 'credential_rotate', ...OWNER);
    expect(refused).to.include({ status: 1, out: '' });
    expect(refused.err).to.contain('credential_migrate');
    const migrated = await sandbox.run(...conf, 'credential_migrate', ...OWNER);
    expect(migrated).to.include({ status: 0 });
    expect(migrated.out).to.contain('1 credential');
    expect(migrated.err).to.contain('1 of 1');
    expect((await sandbox.run(...conf, 'credential_migrate', ...OWNER)).out).to.contain('already');
    expect(await withStore((store) => store.getCredential('one'))).to.deep.equal(secret);
  });

  it('work on what a driver of a package keeps, and say what such a driver lacks', async () => {
    const file = sandbox.path('keystone.conf');
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const builtIn = new URL('../../../src/subsystems/credential/backends/sql.ts', import.meta.url).href;
    const name = async (driver: string, module: string): Promise<void> => {
      const home = sandbox.path(join('node_modules', driver));
      await mkdir(home, { recursive: true });
      const offered = { credential: { driver: './index.js' } };
      await writeFile(
        join(home, 'package.json'),
        JSON.stringify({ name: driver, type: 'module', keystone: offered }),
      );
      await writeFile(join(home, 'index.js'), module);
      await writeFile(file, [...lines, `driver = ${driver}`].join('\n'));
    };
    await name('keystone-test-vault', `export { createDriver } from '${builtIn}';`);
    await sandbox.run(...conf, 'credential_setup', ...OWNER);
    const migrated = await sandbox.run(...conf, 'credential_migrate', ...OWNER);
    expect(migrated, migrated.err).to.include({ status: 0 });
    await name('keystone-test-hole', 'export const createDriver = () => ({});');
    const refused = await sandbox.run(...conf, 'credential_migrate', ...OWNER);
    expect(refused.status).to.equal(1);
    expect(refused.err)
      .to.contain(`${file}:${lines.length + 1}: [credential] driver = keystone-test-hole: `)
      .and.contain('countUnderOldKeys(), encryptUnderPrimaryKey()');
  });

  it('credential_rotate refuses while a credential needs an older key, and loses none over many rotations', async () => {
    await sandbox.run(...conf, 'credential_setup', ...OWNER);
    await withStore((store) => store.createCredential(secret));
    for (let round = 0; round < 4; round += 1) {
      const rotated = await sandbox.run(...conf, 'credential_rotate', ...OWNER);
      expect(rotated, rotated.err).to.include({ status: 0 });
      expect(rotated.out).to.contain(`Key ${round + 2}`);
      expect(await sandbox.run(...conf, 'credential_rotate', ...OWNER)).to.include({ status: 1 });
      expect(await sandbox.run(...conf, 'credential_migrate', ...OWNER)).to.include({ status: 0 });
    }
    expect(await withStore((store) => store.getCredential('one'))).to.deep.equal(secret);
  });
});
