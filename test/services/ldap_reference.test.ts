/** The same directories, read by the real Keystone and by us: the same users, groups, memberships and sign-ins. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { Hints } from '../../src/common/hints.js';
import { type Conf, loadConf } from '../../src/conf/index.js';
import { createLdapDriver } from '../../src/subsystems/identity/backends/ldap.js';
import { findPython, needed } from '../support/reference/python.js';
import { useService } from '../support/services/index.js';
import { AD_SUFFIX, ADMIN, SUFFIX } from '../support/services/slapd.js';
import { passwordOf } from '../support/services/slapd_trees.js';

type LdapConf = Conf['ldap'];
type Entity = Readonly<Record<string, unknown>> & { readonly id: string; readonly name: string };
interface Found {
  readonly users: readonly Entity[];
  readonly groups: readonly Entity[];
  readonly members: Readonly<Record<string, readonly string[]>>;
  readonly groups_of: Readonly<Record<string, readonly string[]>>;
  readonly by_name: Readonly<Record<string, string>>;
  readonly authenticated: Readonly<Record<string, boolean>>;
}

const AD: Partial<LdapConf> = {
  user_tree_dn: `ou=Staff,${AD_SUFFIX}`,
  user_objectclass: 'adUser',
  user_id_attribute: 'cn',
  user_name_attribute: 'sAMAccountName',
  user_enabled_attribute: 'userAccountControl',
  user_enabled_mask: 2,
  user_enabled_default: '512',
  group_tree_dn: `ou=Cloud,${AD_SUFFIX}`,
  group_objectclass: 'adGroup',
  group_name_attribute: 'sAMAccountName',
  query_scope: 'sub',
};
/** Disabled users sign in with the driver of the original: whether they may is asked later. */
const AD_PASSWORDS = {
  'Doe, Jane': passwordOf('jdoe'),
  'Roe Richard': passwordOf('rroe'),
  'Out Sider': 'wrong',
  nobody: 'x',
};

const SETUPS: Readonly<Record<string, [Partial<LdapConf>, Readonly<Record<string, string>>]>> = {
  'as in Active Directory': [AD, AD_PASSWORDS],
  'with a filter and pages': [
    { ...AD, page_size: 2, user_filter: `(memberOf=CN=cloud-users,ou=Cloud,${AD_SUFFIX})` },
    AD_PASSWORDS,
  ],
  'with one level only': [{ ...AD, query_scope: 'one' }, AD_PASSWORDS],
  'with the bit inverted into a flag of nothing': [
    {
      ...AD,
      user_enabled_mask: 0,
      user_enabled_attribute: 'displayName',
      user_enabled_invert: true,
      user_enabled_default: 'False',
    },
    {},
  ],
  'without what is ignored': [{ ...AD, user_attribute_ignore: ['email', 'default_project_id'] }, {}],
};

describe('what the real Keystone finds in a directory', () => {
  let url: string;
  let python: string;
  before(async function find() {
    python = needed(
      this,
      findPython(['keystone', 'ldap', 'ldappool']),
      'keystone with python3-ldap and python3-ldappool',
    );
    url = await useService(this, 'slapd');
  });

  function original(options: object, passwords: object): Promise<Found> {
    return new Promise((resolve, reject) => {
      const script = join(import.meta.dirname, 'ldap_reference.py');
      const child = execFile(python, [script], { maxBuffer: 1e8 }, (error, out) => {
        if (error === null) resolve(JSON.parse(out) as Found);
        else reject(error);
      });
      child.stdin?.end(JSON.stringify({ options, passwords }));
    });
  }

  async function ours(
    options: Partial<LdapConf>,
    passwords: Readonly<Record<string, string>>,
  ): Promise<Found> {
    const { conf } = loadConf({ configFiles: [], env: {} });
    const driver = createLdapDriver({ ldap: { ...conf.ldap, ...options } }, 'default');
    try {
      const users = await driver.users.list(new Hints());
      const groups = await driver.groups.list(new Hints());
      const found = {
        members: {} as Record<string, string[]>,
        groups_of: {} as Record<string, string[]>,
        by_name: {} as Record<string, string>,
        authenticated: {} as Record<string, boolean>,
      };
      const ids = (entities: readonly Entity[]): string[] => entities.map(({ id }) => id).sort();
      for (const { id } of groups) found.members[id] = ids(await driver.groups.listUsers(id, new Hints()));
      for (const { id, name } of users) {
        found.groups_of[id] = ids(await driver.groups.listOfUser(id, new Hints()));
        found.by_name[name] = (await driver.users.getByName(name, 'default')).id;
      }
      for (const [id, password] of Object.entries(passwords)) {
        found.authenticated[id] = await driver.passwords.authenticate(id, password).then(
          () => true,
          () => false,
        );
      }
      return { users, groups, ...found };
    } finally {
      await driver.close();
    }
  }

  /** What the manager, not the driver, says of an entity in the original, and what docs/differences.md explains. */
  function common(entities: readonly Entity[], defaults: Readonly<Record<string, unknown>>): Entity[] {
    return entities
      .map((entity) => {
        const { domain_id: _domain, password_expires_at: _expires, options: _options, ...rest } = entity;
        return { ...defaults, ...rest, id: entity.id, name: entity.name };
      })
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  for (const [title, [options, passwords]] of Object.entries(SETUPS)) {
    it(`${title} is what we find`, async function compare() {
      this.timeout(120_000);
      const all = { url, user: ADMIN.dn, password: ADMIN.password, suffix: SUFFIX, ...options };
      const [theirs, own] = await Promise.all([original(all, passwords), ours(all, passwords)]);
      expect(theirs.users).to.have.length.at.least(1);
      expect(common(own.users, {})).to.deep.equal(common(theirs.users, {}));
      expect(common(own.groups, {})).to.deep.equal(common(theirs.groups, { description: '' }));
      for (const part of ['members', 'groups_of', 'by_name', 'authenticated'] as const) {
        expect(own[part], part).to.deep.equal(theirs[part]);
      }
    });
  }
});
