/** The identity suite on directories: OpenLDAP, and the server within the process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { NotImplemented } from '../../src/common/errors.js';
import { type Conf, loadConf } from '../../src/conf/index.js';
import { createLdapDriver } from '../../src/subsystems/identity/backends/ldap.js';
import type { IdentityDriver } from '../../src/subsystems/identity/driver.js';
import { TestDirectory } from '../support/ldap_server.js';
import { rejection } from '../support/rejection.js';
import { useService } from '../support/services/index.js';
import { ADMIN, SUFFIX } from '../support/services/slapd.js';
import { exampleTree } from '../support/services/slapd_trees.js';
import { identityDriverSuite } from './identity.js';

const CAN = {
  manyDomains: false,
  keepsExtras: false,
  renames: false,
  addsMembersAgain: false,
  filtersEnabled: false,
};

const COMMON = [
  '[ldap]',
  `user = ${ADMIN.dn}`,
  `password = ${ADMIN.password}`,
  `suffix = ${SUFFIX}`,
  'user_objectclass = cloudPerson',
  'user_attribute_ignore =',
  'user_default_project_id_attribute = defaultProject',
  'use_dumb_member = true',
];

/** The ways that Keystone knows to say who is enabled, and to find things. */
const SETUPS: Readonly<Record<string, readonly string[]>> = {
  'with an attribute that says who is enabled': [],
  'with pages of 3, in the whole tree, with an attribute that says who is locked': [
    'page_size = 3',
    'query_scope = sub',
    'user_enabled_attribute = isLocked',
    'user_enabled_invert = true',
    'user_enabled_default = false',
  ],
  'without pools, with a group of those who are enabled': [
    'use_pool = false',
    'user_enabled_emulation = true',
    `user_enabled_emulation_dn = cn=enabled,ou=Roles,${SUFFIX}`,
  ],
  'with members by their ids': [
    'use_dumb_member = false',
    'group_objectclass = cloudGroup',
    'group_members_are_ids = true',
    'group_member_attribute = memberUid',
  ],
};

async function confWith(...lines: readonly string[]): Promise<Conf> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-ldap-'));
  try {
    const file = join(folder, 'keystone.conf');
    await writeFile(file, lines.join('\n'));
    return loadConf({ configFiles: [file], env: {} }).conf;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function suites(urlOf: () => string): void {
  for (const [title, lines] of Object.entries(SETUPS)) {
    describe(title, () => {
      let driver: IdentityDriver;
      before(async () => {
        // The later of two lines counts.
        const conf = await confWith(...COMMON, ...lines, `url = ${urlOf()}`);
        driver = createLdapDriver(conf, 'default');
      });
      after(() => driver.close());

      identityDriverSuite(() => driver, CAN);

      it('leaves the change of the own password to the directory', async () => {
        const { passwords } = driver;
        expect(await rejection(passwords.prepareOwn('u', 'new'))).to.be.instanceOf(NotImplemented);
        expect(await rejection(passwords.changeOwn('u', { stored: 'new' }))).to.be.instanceOf(NotImplemented);
      });
    });
  }
}

describe('identity driver ldap', function limited() {
  this.timeout(120_000);
  describe('on OpenLDAP', () => {
    let url: string;
    before(async function start() {
      url = await useService(this, 'slapd');
    });
    suites(() => url);
  });

  describe('on a server within the process', () => {
    const directory = new TestDirectory(ADMIN);
    let url: string;
    before(async () => {
      url = await directory.start();
      directory.load(exampleTree(SUFFIX, 0));
    });
    after(() => directory.stop());
    suites(() => url);
  });
});
