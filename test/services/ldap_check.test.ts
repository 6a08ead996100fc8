/** `keystone-manage ldap_check` against real directories that are, or are not, as the configuration says. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestCa } from '../support/certificates.js';
import { freePort } from '../support/services/processes.js';
import { AD_SUFFIX, ADMIN, type RunningSlapd, SUFFIX, slapd, startSlapd } from '../support/services/slapd.js';
import { passwordOf } from '../support/services/slapd_trees.js';
import { createSandbox, type Ran, type Sandbox } from '../unit/cmd/support.js';

describe('ldap_check', function suite() {
  this.timeout(120_000);
  let folder: string;
  let server: RunningSlapd;
  let authority: TestCa;
  let sandbox: Sandbox;

  before(async function prepare() {
    const missing = slapd.missing();
    if (missing !== null) {
      if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(missing);
      this.skip();
    }
    authority = new TestCa('check');
    folder = await mkdtemp(join(tmpdir(), 'keystone-slapd-'));
    server = await startSlapd(folder, { people: 5, tls: authority.sign('directory') });
  });
  after(async () => {
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    sandbox = await createSandbox();
    await sandbox.file('ca.pem', authority.certificate);
  });
  afterEach(() => sandbox.remove());

  const options = (): Record<string, string> => ({
    url: `ldap://127.0.0.1:${server.port}`,
    user: ADMIN.dn,
    password: ADMIN.password,
    suffix: SUFFIX,
    user_tree_dn: `ou=People,${SUFFIX}`,
    group_tree_dn: `ou=Teams,${SUFFIX}`,
  });
  async function check(changes: Record<string, string> = {}, ...more: string[]): Promise<Ran> {
    const lines = Object.entries({ ...options(), ...changes }).map(([name, value]) => `${name} = ${value}`);
    const text = ['[identity]', 'driver = ldap', '[ldap]', ...lines, ''].join('\n');
    return sandbox.run('--config-file', await sandbox.file('keystone.conf', text), 'ldap_check', ...more);
  }
  /** What the last lines say. */
  const end = (ran: Ran): string => ran.out.trim().split('\n').slice(-2).join('\n');

  it('shows every step of a directory that is as configured', async () => {
    const ran = await check({ use_tls: 'True', tls_cacertfile: sandbox.path('ca.pem') });
    expect(ran.status, ran.out).to.equal(0);
    expect(ran.out).to.match(/works +connect: .*127\.0\.0\.1 port/);
    expect(ran.out).to.match(/works +tls: .*StartTLS/);
    expect(ran.out).to.contain(`bind: ldap://127.0.0.1:${server.port}: ${ADMIN.dn}`);
    expect(ran.out).to.match(/works +user search: ou=People,.*found cn=p/);
    expect(ran.out).to.match(/works +attributes: id <- cn = p000000; name <- sn = person 000000/);
    expect(ran.out).to.match(/works +membership: .*5 of 5 values of member are users/);
    expect(ran.out).not.to.contain(ADMIN.password);
  });

  it('knows an Active Directory', async () => {
    const ran = await check({
      user_tree_dn: `ou=Staff,${AD_SUFFIX}`,
      user_objectclass: 'adUser',
      user_name_attribute: 'sAMAccountName',
      user_enabled_attribute: 'userAccountControl',
      user_enabled_mask: '2',
      group_tree_dn: `ou=Cloud,${AD_SUFFIX}`,
      group_objectclass: 'adGroup',
      query_scope: 'sub',
    });
    expect(ran.out).to.match(/works +attributes: .*enabled <- userAccountControl = \d+/);
    expect(ran.status, ran.out).to.equal(0);
  });

  const failures: readonly (readonly [what: string, () => Record<string, string>, RegExp])[] = [
    ['a form that no option has', () => ({ user_filter: '(cn=' }), /FAILS +options: \[ldap\] user_filter/],
    [
      'certificates of another authority',
      () => ({ use_tls: 'True' }),
      /FAILS +tls: .*\n +change: \[ldap\] tls_cacertfile or tls_cacertdir/,
    ],
    [
      'a wrong password',
      () => ({ password: 'nonsense' }),
      /FAILS +bind: .*\n +change: \[ldap\] user \(a whole distinguished name\) and password/,
    ],
    [
      'users somewhere else',
      () => ({ user_tree_dn: `ou=Nobody,${SUFFIX}` }),
      /FAILS +user search: .*\n +change: \[ldap\] user_tree_dn: there is no ou=Nobody/,
    ],
    [
      'users of another class',
      () => ({ user_objectclass: 'posixAccount', user_filter: '(mail=*)' }),
      /change: \[ldap\] user_objectclass \(posixAccount\), user_id_attribute \(cn\), user_filter/,
    ],
    [
      'a name in another attribute',
      () => ({ user_name_attribute: 'uid' }),
      /FAILS +attributes: .*name <- uid = \(nothing\).*\n +change: \[ldap\] user_name_attribute/,
    ],
    [
      'members by name that are taken for ids',
      () => ({ group_members_are_ids: 'True' }),
      /FAILS +membership: .*0 of 5 .*\n +change: .*group_members_are_ids = False/,
    ],
  ];
  for (const [what, changes, expected] of failures) {
    it(`names the option for ${what}`, async () => {
      const ran = await check(changes());
      expect(ran.out).to.match(expected);
      expect(ran.status).to.equal(1);
    });
  }

  it('names the option for a server that is not there', async () => {
    const ran = await check({ url: `ldap://127.0.0.1:${await freePort()}` });
    expect(end(ran)).to.match(/FAILS +connect: .*ECONNREFUSED.*\n +change: \[ldap\] url/);
    expect(ran.status).to.equal(1);
  });

  it('tries a sign-in with a password from the environment', async () => {
    sandbox.env = { KEYSTONE_LDAP_CHECK_PASSWORD: passwordOf('p000001') };
    expect((await check({}, '--user', 'person 000001')).out).to.match(/works +bind: cn=p000001,/);
    sandbox.env = { KEYSTONE_LDAP_CHECK_PASSWORD: 'wrong' };
    const wrong = await check({}, '--user', 'person 000001');
    expect(end(wrong)).to.match(/FAILS +bind: cn=p000001,.*\n +change: the password/);
    sandbox.env = {};
    expect((await check({}, '--user', 'person 000001')).status).to.equal(2);
  });

  it('does what docs/ldap.md says', async () => {
    await mkdir(sandbox.path('domains'));
    const lines = Object.entries(options()).map(([name, value]) => `${name} = ${value}`);
    const section = ['[ldap]', ...lines, ''].join('\n');
    await sandbox.file('domains/keystone.Staff.conf', `[identity]\ndriver = ldap\n${section}`);
    const byDomain = `domain_specific_drivers_enabled = True\ndomain_config_dir = ${sandbox.path('domains')}`;
    const conf = await sandbox.file('keystone.conf', `[identity]\ndriver = ldap\n${byDomain}\n${section}`);
    const text = await readFile(new URL('../../docs/ldap.md', import.meta.url), 'utf8');
    const commands = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
      block.trim().split('\n'),
    );
    expect(commands).to.have.length(2);
    sandbox.env = { OS_KEYSTONE_CONFIG_FILES: conf };
    for (const command of commands) {
      const [program, ...args] = command.split(' ');
      expect(program).to.equal('keystone-manage');
      const ran = await sandbox.run(...args);
      expect(ran.status, ran.out + ran.err).to.equal(0);
    }
  });

  it('looks at the directory of a domain', async () => {
    await mkdir(sandbox.path('domains'));
    const lines = Object.entries(options()).map(([name, value]) => `${name} = ${value}`);
    await sandbox.file(
      'domains/keystone.Staff.conf',
      ['[identity]', 'driver = ldap', '[ldap]', ...lines, ''].join('\n'),
    );
    const conf = await sandbox.file(
      'keystone.conf',
      `[identity]\ndomain_specific_drivers_enabled = True\ndomain_config_dir = ${sandbox.path('domains')}\n`,
    );
    const ran = await sandbox.run('--config-file', conf, 'ldap_check', '--domain-name', 'Staff');
    expect(ran.out).to.contain('keystone.Staff.conf');
    expect(ran.status, ran.out).to.equal(0);
    const other = await sandbox.run('--config-file', conf, 'ldap_check', '--domain-name', 'Other');
    expect(other.err).to.contain('there is no file keystone.Other.conf');
    expect((await sandbox.run('--config-file', conf, 'ldap_check')).err).to.contain(
      'driver is sql, not ldap',
    );
  });
});
