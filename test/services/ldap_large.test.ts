/** A large directory. LDAP_PEOPLE sets how many are in it: 100,000 when nothing is said. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Hints } from '../../src/common/hints.js';
import { LdapDirectory } from '../../src/common/ldap/index.js';
import { type Conf, loadConf } from '../../src/conf/index.js';
import { createLdapDriver } from '../../src/subsystems/identity/backends/ldap.js';
import type { IdentityDriver } from '../../src/subsystems/identity/driver.js';
import { useService } from '../support/services/index.js';
import { ADMIN, type RunningSlapd, SUFFIX, startSlapd } from '../support/services/slapd.js';

const PEOPLE = Number(process.env['LDAP_PEOPLE'] ?? 100_000);
const PAGE = 1000;

describe(`a directory of ${PEOPLE} people`, function large() {
  this.timeout(120_000);
  let folder: string;
  let server: RunningSlapd;
  let driver: IdentityDriver;
  let monitor: LdapDirectory;

  before(async function start() {
    await useService(this, 'slapd');
    this.timeout(120_000);
    folder = await mkdtemp(join(tmpdir(), 'keystone-slapd-'));
    await chmod(folder, 0o755);
    server = await startSlapd(folder, { people: PEOPLE });
    const options: Conf['ldap'] = {
      ...loadConf({ configFiles: [], env: {} }).conf.ldap,
      url: server.address,
      user: ADMIN.dn,
      password: ADMIN.password,
      user_tree_dn: `ou=People,${SUFFIX}`,
      user_attribute_ignore: ['enabled'],
      group_tree_dn: `ou=Teams,${SUFFIX}`,
      page_size: PAGE,
    };
    driver = createLdapDriver({ ldap: options }, 'default');
    monitor = new LdapDirectory({ ...options, page_size: 0 });
  });
  after(async () => {
    await driver?.close();
    await monitor?.close();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /**
   * How many searches the server is asked for some work. They are counted when they begin: one counts as completed a
   * moment after its answer has arrived.
   */
  async function counted<T>(work: () => Promise<T>): Promise<{ result: T; searches: number }> {
    const searches = async (): Promise<number> => {
      const entry = await monitor.get('cn=Search,cn=Operations,cn=Monitor', ['monitorOpInitiated']);
      return Number(entry?.texts('monitorOpInitiated')[0]);
    };
    const before = await searches();
    const result = await work();
    // The second look itself is among them, as the first was.
    return { result, searches: (await searches()) - before - 1 };
  }

  it('is listed whole, page by page', async () => {
    const { result, searches } = await counted(() => driver.users.list(new Hints()));
    expect(result).to.have.length(PEOPLE);
    expect(new Set(result.map(({ id }) => id)).size).to.equal(PEOPLE);
    expect(searches).to.equal(Math.ceil(PEOPLE / PAGE));
  });

  it('is asked for a limit and for names without reading the rest', async () => {
    const limited = new Hints().setLimit(50);
    const some = await counted(() => driver.users.list(limited));
    expect(some.result).to.have.length(50);
    expect(limited.limit?.truncated).to.equal(true);
    expect(some.searches).to.equal(1);
    const name = `person ${String(PEOPLE - 1).padStart(6, '0')}`;
    const one = await counted(() => driver.users.list(new Hints().addFilter('name', name)));
    expect(one.result.map((user) => user.name)).to.deep.equal([name]);
    expect(one.searches).to.equal(1);
  });

  it('knows the members of a group of 1,000 by a handful of questions', async () => {
    const { result, searches } = await counted(() => driver.groups.listUsers('team1', new Hints()));
    expect(result).to.have.length(1000);
    expect(searches).to.be.at.most(15);
    expect(await driver.groups.listIdsOfUser('p001234')).to.deep.equal(['team1']);
  });
});
