/** The options of [ldap], on OpenLDAP: the example tree, and one as in Active Directory. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import {
  Conflict,
  Forbidden,
  GroupNotFound,
  UserNotFound,
  ValidationError,
} from '../../src/common/errors.js';
import { Hints } from '../../src/common/hints.js';
import { equals, LdapDirectory, LdapOptionError } from '../../src/common/ldap/index.js';
import { type Conf, loadConf } from '../../src/conf/index.js';
import { createLdapDriver } from '../../src/subsystems/identity/backends/ldap.js';
import type { IdentityDriver } from '../../src/subsystems/identity/driver.js';
import type { Group, NewUser, User } from '../../src/subsystems/identity/types.js';
import { rejection } from '../support/rejection.js';
import { useService } from '../support/services/index.js';
import { AD_SUFFIX, ADMIN, SUFFIX } from '../support/services/slapd.js';
import { passwordOf } from '../support/services/slapd_trees.js';

type LdapConf = Conf['ldap'];
const DEFAULTS = loadConf({ configFiles: [], env: {} }).conf.ldap;

describe('options of [ldap] on OpenLDAP', () => {
  let url: string;
  let directory: LdapDirectory;
  const drivers: IdentityDriver[] = [];
  before(async function start() {
    url = await useService(this, 'slapd');
    directory = new LdapDirectory(confWith({}));
  });
  after(async () => {
    await directory?.close();
    await Promise.all(drivers.map((driver) => driver.close()));
  });

  function confWith(options: Partial<LdapConf>): LdapConf {
    const own = { url, user: ADMIN.dn, password: ADMIN.password, suffix: SUFFIX };
    return { ...DEFAULTS, ...own, user_objectclass: 'cloudPerson', ...options };
  }

  function driverWith(options: Partial<LdapConf> = {}): IdentityDriver {
    const driver = createLdapDriver({ ldap: confWith(options) }, 'default');
    drivers.push(driver);
    return driver;
  }

  const newUser = (attributes: Partial<NewUser> = {}): NewUser => ({
    id: uuidHex(),
    name: `user-${uuidHex().slice(0, 8)}`,
    domain_id: 'default',
    enabled: true,
    ...attributes,
  });
  const newGroup = (attributes: Partial<Group> = {}): Group => ({
    id: uuidHex(),
    name: `group-${uuidHex().slice(0, 8)}`,
    domain_id: 'default',
    description: '',
    ...attributes,
  });
  const userDn = (id: string): string => `cn=${id},ou=Users,${SUFFIX}`;
  async function stored(dn: string, ...attributes: string[]): Promise<Record<string, string[]> | null> {
    const entry = await directory.get(dn, attributes);
    return entry && Object.fromEntries(attributes.map((name) => [name, entry.texts(name)]));
  }

  describe('attributes', () => {
    it('are written where the options say, with the object classes', async () => {
      const { users } = driverWith({
        user_description_attribute: 'title',
        user_mail_attribute: 'labeledURI',
        user_additional_attribute_mapping: ['telephoneNumber:phone', 'givenName:name', 'nonsense'],
      });
      const user = newUser({ description: 'd', email: 'a@x', phone: '123' });
      const created = await users.create(user);
      expect(created).to.deep.equal({ ...user, password_expires_at: null });
      expect(
        await stored(
          userDn(user.id),
          'objectClass',
          'sn',
          'title',
          'labeledURI',
          'telephoneNumber',
          'givenName',
        ),
      ).to.deep.equal({
        objectClass: ['person', 'cloudPerson'],
        sn: [user.name],
        title: ['d'],
        labeledURI: ['a@x'],
        telephoneNumber: ['123'],
        givenName: [user.name],
      });
      expect(await users.update(user.id, { phone: '456', description: null })).to.not.have.property(
        'description',
      );
      expect(await stored(userDn(user.id), 'telephoneNumber', 'title')).to.deep.equal({
        telephoneNumber: ['456'],
        title: [],
      });
    });

    it('are left alone where they are to be ignored', async () => {
      const { users } = driverWith({ user_attribute_ignore: ['description', 'email'] });
      const user = newUser({ description: 'd', email: 'a@x' });
      expect(await users.create(user)).not.to.have.any.keys('description', 'email');
      expect(await stored(userDn(user.id), 'description', 'mail')).to.deep.equal({
        description: [],
        mail: [],
      });
      const { users: others } = driverWith();
      const other = newUser({ default_project_id: 'p1' });
      expect(await others.create(other)).not.to.have.property('default_project_id');
    });

    it('of other names are those of the directory, except for what is not theirs to set', async () => {
      const { users } = driverWith();
      const user = newUser({ telephoneNumber: '1', unset: null });
      await users.create(user);
      expect(await stored(userDn(user.id), 'telephoneNumber')).to.deep.equal({ telephoneNumber: ['1'] });
      for (const attribute of [
        'objectClass',
        'OBJECTCLASS',
        'cn',
        'sn',
        'userPassword',
        'memberOf',
        'a=b',
        'isNoAttribute',
      ]) {
        const refused = await rejection(users.create(newUser({ [attribute]: 'x' })));
        expect(refused, attribute).to.be.instanceOf(ValidationError);
      }
      expect(await rejection(users.create(newUser({ telephoneNumber: { a: 1 } })))).to.be.instanceOf(
        ValidationError,
      );
      expect(await rejection(users.update(user.id, { isNoAttribute: 'x' }))).to.be.instanceOf(
        ValidationError,
      );
      expect(await rejection(users.update(user.id, { description: 'a\0b' }))).to.be.instanceOf(
        ValidationError,
      );
    });

    it('take the id from the name of an entry where the attribute has several values', async () => {
      const { users } = driverWith({ user_name_attribute: 'cn' });
      const user = newUser({ sn: 'surname' });
      await users.create(user);
      expect(await users.get(user.id)).to.have.property('id', user.id);
      expect((await users.getByName(user.name, 'default')).id).to.equal(user.id);
    });
  });

  describe('what is allowed', () => {
    it('is what the options say, user by user and group by group', async () => {
      const all = driverWith({ use_dumb_member: true });
      const user = await all.users.create(newUser());
      const group = await all.groups.create(newGroup());
      const none = driverWith({
        user_allow_create: false,
        user_allow_update: false,
        user_allow_delete: false,
        group_allow_create: false,
        group_allow_update: false,
        group_allow_delete: false,
      });
      const attempts: [string, Promise<unknown>][] = [
        ['LDAP user create', none.users.create(newUser())],
        ['LDAP user update', none.users.update(user.id, { description: 'x' })],
        ['LDAP user delete', none.users.delete(user.id)],
        ['LDAP group create', none.groups.create(newGroup())],
        ['LDAP group update', none.groups.update(group.id, { description: 'x' })],
        ['LDAP group delete', none.groups.delete(group.id)],
      ];
      for (const [action, attempt] of attempts) {
        const error = await rejection(attempt);
        expect(error, action).to.be.instanceOf(Forbidden);
        expect(error.message).to.contain(action);
      }
    });

    it('is what the directory lets the service do', async () => {
      const { users } = driverWith({ user: null, password: null });
      expect(await rejection(users.create(newUser()))).to.be.instanceOf(Forbidden);
    });
  });

  describe('who is enabled', () => {
    it('is told by a bit, and a change keeps the other bits', async () => {
      const { users } = driverWith({
        user_enabled_attribute: 'employeeNumber',
        user_enabled_mask: 2,
        user_enabled_default: '512',
      });
      const bits = async (id: string): Promise<string | undefined> =>
        (await stored(userDn(id), 'employeeNumber'))?.['employeeNumber']?.[0];
      const user = await users.create(newUser());
      expect(await bits(user.id)).to.equal('512');
      await directory.modify(userDn(user.id), [
        { operation: 'replace', attribute: 'employeeNumber', values: ['66048'] },
      ]);
      expect(await users.update(user.id, { enabled: false })).to.have.property('enabled', false);
      expect(await bits(user.id)).to.equal('66050');
      expect(await users.update(user.id, { description: 'x' })).to.deep.include({
        enabled: false,
        description: 'x',
      });
      expect(await bits(user.id)).to.equal('66050');
      expect(await users.update(user.id, { enabled: true })).to.have.property('enabled', true);
      expect(await bits(user.id)).to.equal('66048');
      expect(await users.create(newUser({ enabled: false }))).to.have.property('enabled', false);
    });

    it('is told the other way round', async () => {
      const { users } = driverWith({
        user_enabled_attribute: 'isLocked',
        user_enabled_invert: true,
        user_enabled_default: 'False',
      });
      const user = await users.create(newUser({ enabled: false }));
      expect(await stored(userDn(user.id), 'isLocked')).to.deep.equal({ isLocked: ['TRUE'] });
      expect(await users.update(user.id, { description: 'x' })).to.have.property('enabled', false);
      expect(await users.update(user.id, { enabled: true })).to.have.property('enabled', true);
      await directory.modify(userDn(user.id), [{ operation: 'delete', attribute: 'isLocked', values: [] }]);
      expect(await users.get(user.id)).to.have.property('enabled', true);
    });

    it('is everybody where the attribute is ignored, and nobody can be disabled', async () => {
      for (const options of [{ user_attribute_ignore: ['enabled'] }, { user_enabled_attribute: '' }]) {
        const { users } = driverWith({ ...options, user_objectclass: 'inetOrgPerson' });
        const user = await users.create(newUser());
        expect(user).to.have.property('enabled', true);
        expect(await rejection(users.update(user.id, { enabled: false }))).to.be.instanceOf(Forbidden);
        expect(await rejection(users.create(newUser({ enabled: false })))).to.be.instanceOf(Forbidden);
        expect(await users.update(user.id, { enabled: true })).to.have.property('enabled', true);
      }
    });

    it('is settled with the entry: a user who cannot be enabled is not made', async () => {
      const { users } = driverWith({
        user_enabled_emulation: true,
        user_enabled_emulation_dn: `cn=enabled,ou=NoSuchPlace,${SUFFIX}`,
      });
      const user = newUser();
      await rejection(users.create(user));
      expect(await rejection(driverWith().users.get(user.id))).to.be.instanceOf(UserNotFound);
    });

    it('is told by a group, made on demand, by the options of groups or not', async () => {
      for (const byConfig of [false, true]) {
        const dn = `cn=enabled-${uuidHex()},ou=Users,${SUFFIX}`;
        const { users } = driverWith({
          user_enabled_emulation: true,
          user_enabled_emulation_dn: dn,
          user_enabled_emulation_use_group_config: byConfig,
          group_objectclass: 'cloudGroup',
          group_member_attribute: 'owner',
          use_dumb_member: true,
          user_objectclass: 'inetOrgPerson',
        });
        const one = await users.create(newUser());
        const two = await users.create(newUser({ enabled: false }));
        expect([one.enabled, two.enabled]).to.deep.equal([true, false]);
        const member = byConfig ? 'owner' : 'member';
        const group = await stored(dn, 'objectClass', member);
        expect(group?.['objectClass']).to.deep.equal([byConfig ? 'cloudGroup' : 'groupOfNames']);
        expect(group?.[member]).to.have.members([userDn(one.id), 'cn=dumb,dc=nonexistent']);
        expect((await users.summaries([one.id, two.id])).map(({ enabled }) => enabled)).to.have.members([
          true,
          false,
        ]);
        await users.update(two.id, { enabled: true });
        await users.update(one.id, { enabled: false });
        await users.update(one.id, { enabled: false });
        expect((await stored(dn, member))?.[member]).to.have.members([
          userDn(two.id),
          'cn=dumb,dc=nonexistent',
        ]);
        await users.delete(two.id);
        expect((await stored(dn, member))?.[member]).to.have.members(['cn=dumb,dc=nonexistent']);
      }
    });

    it('never counts the group itself among the users', async () => {
      const name = `enabled-${uuidHex()}`;
      const { users } = driverWith({
        user_enabled_emulation: true,
        user_enabled_emulation_dn: `cn=${name},ou=Users,${SUFFIX}`,
        user_objectclass: 'top',
        user_name_attribute: 'cn',
      });
      await directory.add(
        `cn=${name},ou=Users,${SUFFIX}`,
        new Map([
          ['objectClass', ['top', 'groupOfNames']],
          ['member', ['cn=dumb']],
        ]),
      );
      expect((await users.list(new Hints())).map(({ id }) => id)).not.to.include(name);
      expect(await rejection(users.get(name))).to.be.instanceOf(UserNotFound);
    });
  });

  describe('groups', () => {
    it('lose those who are deleted, and hide the member who is none', async () => {
      const { users, groups } = driverWith({ use_dumb_member: true });
      const user = await users.create(newUser());
      const group = await groups.create(newGroup());
      await groups.addUser(user.id, group.id);
      expect(await groups.listUserIds(group.id)).to.deep.equal([user.id]);
      await users.delete(user.id);
      expect(await stored(`cn=${group.id},ou=UserGroups,${SUFFIX}`, 'member')).to.deep.equal({
        member: ['cn=dumb,dc=nonexistent'],
      });
    });

    it('say so when the directory wants a last member to stay', async () => {
      const all = driverWith({ use_dumb_member: true });
      const user = await all.users.create(newUser());
      const id = uuidHex();
      await directory.add(
        `cn=${id},ou=UserGroups,${SUFFIX}`,
        new Map([
          ['objectClass', ['groupOfNames']],
          ['ou', [id]],
          ['member', [userDn(user.id)]],
        ]),
      );
      const { groups } = driverWith();
      const error = await rejection(groups.removeUser(user.id, id));
      expect(error).to.be.instanceOf(ValidationError);
      expect(error.message).to.contain('last member');
    });

    it('leave out members who are gone, or are elsewhere', async () => {
      const { users, groups } = driverWith({ group_objectclass: 'cloudGroup' });
      const user = await users.create(newUser());
      const group = await groups.create(newGroup());
      await groups.addUser(user.id, group.id);
      await directory.modify(`cn=${group.id},ou=UserGroups,${SUFFIX}`, [
        {
          operation: 'add',
          attribute: 'member',
          values: [userDn('gone'), `cn=${user.id},ou=Roles,${SUFFIX}`, 'o=odd'],
        },
      ]);
      expect(await groups.listUsers(group.id, new Hints())).to.deep.equal([user]);
    });

    it('keep what is beneath users, unless all is to go', async () => {
      const { users } = driverWith();
      const user = await users.create(newUser());
      await directory.add(
        `cn=below,${userDn(user.id)}`,
        new Map([
          ['objectClass', ['cloudPerson']],
          ['sn', ['below']],
        ]),
      );
      expect(await rejection(users.delete(user.id))).to.be.instanceOf(ValidationError);
      expect(await stored(`cn=below,${userDn(user.id)}`, 'sn')).to.deep.equal({ sn: ['below'] });
      await driverWith({ allow_subtree_delete: true }).users.delete(user.id);
      expect(await stored(userDn(user.id), 'sn')).to.equal(null);
    });

    it('go with all beneath them, or with the groups beneath them', async () => {
      for (const withTree of [false, true]) {
        const { groups } = driverWith({ group_objectclass: 'cloudGroup', allow_subtree_delete: withTree });
        const group = await groups.create(newGroup());
        const dn = `cn=${group.id},ou=UserGroups,${SUFFIX}`;
        const below = `cn=below,${dn}`;
        await directory.add(below, new Map([['objectClass', ['cloudGroup']]]));
        if (withTree) {
          await directory.add(`ou=deeper,${below}`, new Map([['objectClass', ['organizationalUnit']]]));
        }
        await groups.delete(group.id);
        expect(await stored(dn, 'cn')).to.equal(null);
        expect(await rejection(groups.get(group.id))).to.be.instanceOf(GroupNotFound);
      }
    });
  });

  describe('searches', () => {
    it('find only what the filters of the options leave', async () => {
      const all = driverWith();
      const mark = `mark(${uuidHex()})*\\`;
      const escaped = mark.replace(/[()*\\]/g, (c) => `\\${c.charCodeAt(0).toString(16)}`);
      const [one, two] = [
        await all.users.create(newUser({ title: mark })),
        await all.users.create(newUser()),
      ];
      const { users, passwords } = driverWith({ user_filter: ` ( title = ${escaped} ) ` });
      expect(await users.list(new Hints())).to.deep.equal([one]);
      expect(await users.getByName(one.name, 'default')).to.deep.equal(one);
      expect(await rejection(users.get(two.id))).to.be.instanceOf(UserNotFound);
      expect(await rejection(users.getByName(two.name, 'default'))).to.be.instanceOf(UserNotFound);
      expect(await rejection(passwords.authenticate(two.id, 'x'))).to.have.property('name', 'Unauthorized');
    });

    it('see one level, or all', async () => {
      const ou = `ou=Deep,ou=Users,${SUFFIX}`;
      await directory.add(ou, new Map([['objectClass', ['organizationalUnit']]]));
      const id = uuidHex();
      await directory.add(
        `cn=${id},${ou}`,
        new Map([
          ['objectClass', ['cloudPerson']],
          ['sn', ['deep']],
          ['userPassword', ['deep secret']],
        ]),
      );
      expect(await rejection(driverWith().users.get(id))).to.be.instanceOf(UserNotFound);
      const { users, passwords, groups } = driverWith({ query_scope: 'sub', use_dumb_member: true });
      expect(await users.get(id)).to.have.property('name', 'deep');
      await passwords.authenticate(id, 'deep secret');
      const group = await groups.create(newGroup());
      await groups.addUser(id, group.id);
      expect(await groups.listUserIds(group.id)).to.deep.equal([id]);
      await users.delete(id);
    });

    it('page, and do not mind trees that do not exist', async () => {
      const paged = driverWith({ page_size: 2 });
      for (let turn = 0; turn < 5; turn += 1) await paged.users.create(newUser());
      const unpaged = driverWith();
      const count = async ({ users }: IdentityDriver): Promise<number> =>
        (await users.list(new Hints())).length;
      expect(await count(paged)).to.equal(await count(unpaged));
      expect(await count(driverWith({ user_tree_dn: `ou=None,${SUFFIX}` }))).to.equal(0);
      const limited = new Hints().setLimit(3);
      expect(await paged.users.list(limited)).to.have.length(3);
      expect(limited.limit).to.deep.equal({ limit: 3, truncated: true });
    });

    it('follow aliases as they are told', async () => {
      const id = uuidHex();
      await directory.add(
        `cn=${id},ou=People,${SUFFIX}`,
        new Map([
          ['objectClass', ['cloudPerson']],
          ['sn', ['aliased']],
        ]),
      );
      const tree = `ou=alias-${id},${SUFFIX}`;
      await directory.add(tree, new Map([['objectClass', ['organizationalUnit']]]));
      await directory.add(
        `uid=${id},${tree}`,
        new Map([
          ['objectClass', ['alias', 'extensibleObject']],
          ['uid', [id]],
          ['aliasedObjectName', [`cn=${id},ou=People,${SUFFIX}`]],
        ]),
      );
      const found = async (alias_dereferencing: LdapConf['alias_dereferencing']): Promise<User[]> =>
        driverWith({ user_tree_dn: tree, alias_dereferencing }).users.list(new Hints());
      expect(await found('never')).to.deep.equal([]);
      expect(await found('default')).to.deep.equal([]);
      expect(await found('finding')).to.deep.equal([]);
      expect((await found('searching')).map((user) => user.id)).to.deep.equal([id]);
      expect((await found('always')).map((user) => user.id)).to.deep.equal([id]);
    });

    it('follow referrals when they are told to', async () => {
      const tree = `ou=referral-${uuidHex()},${SUFFIX}`;
      const target = `ou=target-${uuidHex()},${SUFFIX}`;
      for (const dn of [tree, target]) {
        await directory.add(dn, new Map([['objectClass', ['organizationalUnit']]]));
      }
      const id = uuidHex();
      await directory.add(
        `cn=${id},${target}`,
        new Map([
          ['objectClass', ['cloudPerson']],
          ['sn', ['elsewhere']],
        ]),
      );
      await directory.add(
        `ou=there,${tree}`,
        new Map([
          ['objectClass', ['referral', 'extensibleObject']],
          ['ou', ['there']],
          ['ref', [`${url}/${encodeURI(target)}??sub`]],
        ]),
      );
      const ids = async (options: Partial<LdapConf>): Promise<string[]> =>
        (
          await driverWith({ user_tree_dn: tree, query_scope: 'sub', ...options }).users.list(new Hints())
        ).map((user) => user.id);
      expect(await ids({})).to.deep.equal([]);
      expect(await ids({ chase_referrals: false })).to.deep.equal([]);
      expect(await ids({ chase_referrals: true })).to.deep.equal([id]);
    });
  });

  describe('as in Active Directory', () => {
    const ad: Partial<LdapConf> = {
      user_tree_dn: `ou=Staff,${AD_SUFFIX}`,
      user_objectclass: 'adUser',
      user_id_attribute: 'sAMAccountName',
      user_name_attribute: 'sAMAccountName',
      user_enabled_attribute: 'userAccountControl',
      user_enabled_mask: 2,
      user_enabled_default: '512',
      user_filter: `(memberOf=CN=cloud-users,ou=Cloud,${AD_SUFFIX})`,
      group_tree_dn: `ou=Cloud,${AD_SUFFIX}`,
      group_objectclass: 'adGroup',
      group_name_attribute: 'sAMAccountName',
      query_scope: 'sub',
      page_size: 2,
    };

    it('people are known by their account, wherever they are', async () => {
      const { users } = driverWith(ad);
      const found = await users.list(new Hints());
      expect(found.map(({ name, enabled }) => [name, enabled])).to.have.deep.members([
        ['jdoe', true],
        ['rroe', true],
        ['ootto', false],
      ]);
      expect(await users.get('JDOE')).to.include({ id: 'jdoe', email: 'jdoe@ad.example.org' });
      expect(await rejection(users.get('osider'))).to.be.instanceOf(UserNotFound);
    });

    it('people sign in, though their names hold commas', async () => {
      const { passwords } = driverWith(ad);
      await passwords.authenticate('jdoe', passwordOf('jdoe'));
      await passwords.authenticate('rroe', passwordOf('rroe'));
      expect(await rejection(passwords.authenticate('jdoe', passwordOf('rroe')))).to.have.property(
        'status',
        401,
      );
      expect(await rejection(passwords.authenticate('ootto', passwordOf('ootto')))).to.have.property(
        'name',
        'UserDisabled',
      );
      expect(await rejection(passwords.authenticate('osider', passwordOf('osider')))).to.have.property(
        'status',
        401,
      );
    });

    it('groups know their members by their names', async () => {
      const { groups } = driverWith(ad);
      expect(await groups.listUserIds('cloud-users')).to.have.members(['jdoe', 'rroe', 'ootto']);
      expect(await groups.listIdsOfUser('jdoe')).to.have.members(['cloud-users', 'cloud-admins']);
      expect(await groups.listIdsOfUser('rroe')).to.deep.equal(['cloud-users']);
      await groups.checkUser('jdoe', 'cloud-admins');
      expect(await rejection(groups.checkUser('rroe', 'cloud-admins'))).to.have.property('status', 404);
    });
  });

  describe('texts that would be something else in a filter or a name', () => {
    const texts = [
      'a*b',
      '*',
      'x)(objectClass=*',
      'back\\slash',
      'comma, plus+ equals= "quotes" <angles>; #hash',
      '#first',
      'Émile ✓',
      '\\2a',
      'cn=x,dc=y',
    ];
    for (const text of texts) {
      it(`${text} is an id and a name like others`, async () => {
        const { users, groups, passwords } = driverWith({ use_dumb_member: true });
        const id = `${text} ${uuidHex().slice(0, 6)}`;
        const user = newUser({ id, name: `name ${id}` });
        const created = await users.create(user, await passwords.prepare('secret'));
        expect(await users.get(id)).to.deep.equal(created);
        expect(await users.getByName(user.name, 'default')).to.deep.equal(created);
        expect(await users.summaries([id])).to.have.length(1);
        await passwords.authenticate(id, 'secret');
        const group = await groups.create(newGroup({ id: `g ${id}` }));
        await groups.addUser(id, group.id);
        await groups.checkUser(id, group.id);
        expect(await groups.listUserIds(group.id)).to.deep.equal([id]);
        expect(await groups.listIdsOfUser(id)).to.deep.equal([group.id]);
        await users.update(id, { description: text });
        expect(await users.get(id)).to.have.property('description', text);
        await users.delete(id);
        expect(await rejection(users.get(id))).to.be.instanceOf(UserNotFound);
        expect(await groups.listUserIds(group.id)).to.deep.equal([]);
      });
    }

    it('nothing is found by nothing, or by what holds a NUL', async () => {
      const { users, groups, passwords } = driverWith();
      const user = await users.create(newUser(), await passwords.prepare('secret'));
      for (const id of ['', '*', `${user.id}\0`, `${user.id}\0x`, `*)(cn=${user.id}`]) {
        expect(await rejection(users.get(id)), id).to.be.instanceOf(UserNotFound);
        expect(await rejection(users.getByName(id, 'default'))).to.be.instanceOf(UserNotFound);
        expect(await rejection(groups.get(id))).to.be.instanceOf(GroupNotFound);
        expect(await rejection(passwords.authenticate(id, 'secret'))).to.have.property('status', 401);
        expect(await users.summaries([id])).to.deep.equal([]);
      }
    });

    it('an empty password, or one with a NUL, opens nothing', async () => {
      const { users, passwords } = driverWith();
      const user = await users.create(newUser(), await passwords.prepare('secret'));
      for (const password of ['', '\0', 'secret\0', '\0secret']) {
        expect(await rejection(passwords.authenticate(user.id, password))).to.have.property('status', 401);
        expect(await directory.checkBind(userDn(user.id), password)).to.equal(false);
      }
      expect(await directory.checkBind('', 'secret')).to.equal(false);
      for (const password of ['a\0b', '']) {
        expect(await rejection(passwords.prepare(password))).to.be.instanceOf(ValidationError);
      }
    });
  });

  it('is told apart: taken names and ids, and what cannot be changed', async () => {
    const { users, groups } = driverWith({ use_dumb_member: true });
    const user = await users.create(newUser());
    expect((await rejection(users.create(newUser({ id: user.id })))).message).to.contain('Duplicate ID');
    expect((await rejection(users.create(newUser({ name: user.name.toUpperCase() })))).message).to.contain(
      'Duplicate name',
    );
    expect((await rejection(users.update(user.id, { name: 'other' }))).message).to.equal(
      'Cannot change user name',
    );
    expect(await rejection(users.update(user.id, { name: 'other' }))).to.be.instanceOf(Conflict);
    expect(await users.update(user.id, { name: user.name, domain_id: 'default' })).to.deep.equal(user);
    expect(await rejection(users.update(user.id, { domain_id: 'other' }))).to.be.instanceOf(ValidationError);
    const group = await groups.create(newGroup());
    expect((await rejection(groups.update(group.id, { name: 'other' }))).message).to.equal(
      'Cannot change group name',
    );
  });

  it('names the option that is wrong, before anything is connected', () => {
    const wrong: [Partial<LdapConf>, string][] = [
      [{ user_filter: '(cn=a' }, '[ldap] user_filter: "(cn=a" is no search filter'],
      [{ group_filter: '(&(cn=a)' }, '[ldap] group_filter'],
      [{ user_tree_dn: 'Users' }, '[ldap] user_tree_dn = Users'],
      [{ user_id_attribute: 'c n' }, '[ldap] user_id_attribute = c n'],
      [{ group_member_attribute: 'a*' }, '[ldap] group_member_attribute'],
      [{ use_dumb_member: true, dumb_member: 'dumb' }, '[ldap] dumb_member'],
      [{ user_enabled_emulation: true, user_enabled_emulation_dn: 'x' }, '[ldap] user_enabled_emulation_dn'],
      [{ url: 'http://x' }, '[ldap] url'],
    ];
    for (const [options, text] of wrong) {
      expect(() => createLdapDriver({ ldap: confWith(options) }, 'default')).to.throw(LdapOptionError, text);
    }
  });

  it('asks for members a hundred at a time', async () => {
    const { groups } = driverWith({
      user_tree_dn: `ou=Users,${SUFFIX}`,
      group_objectclass: 'cloudGroup',
    });
    const { users } = driverWith();
    const group = await groups.create(newGroup());
    const made = await Promise.all(Array.from({ length: 130 }, () => users.create(newUser())));
    await directory.modify(`cn=${group.id},ou=UserGroups,${SUFFIX}`, [
      { operation: 'add', attribute: 'member', values: made.map(({ id }) => userDn(id)) },
    ]);
    expect(await groups.listUserIds(group.id)).to.have.members(made.map(({ id }) => id));
    const [some] = made;
    const found = await groups.listUsers(group.id, new Hints().addFilter('name', some?.name ?? ''));
    expect(found).to.deep.equal([some]);
    expect(
      await directory.searchAll({ base: `ou=Users,${SUFFIX}`, scope: 'one', filter: equals('cn', 'no') }),
    ).to.deep.equal([]);
  });
});
