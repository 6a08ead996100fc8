/** The options of [ldap] on what is found, on OpenLDAP: the example tree, and one as in Active Directory. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { GroupNotFound, UserNotFound, ValidationError } from '../../src/common/errors.js';
import { Hints } from '../../src/common/hints.js';
import { equals } from '../../src/common/ldap/index.js';
import type { IdentityDriver } from '../../src/subsystems/identity/driver.js';
import type { User } from '../../src/subsystems/identity/types.js';
import { rejection } from '../support/rejection.js';
import { AD_SUFFIX, SUFFIX } from '../support/services/slapd.js';
import { passwordOf } from '../support/services/slapd_trees.js';
import { exampleSite, type LdapConf, newGroup, newUser, userDn } from './ldap_support.js';

describe('searches by the options of [ldap] on OpenLDAP', () => {
  const site = exampleSite();
  const { driverWith } = site;

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
      await site.directory.add(ou, new Map([['objectClass', ['organizationalUnit']]]));
      const id = uuidHex();
      await site.directory.add(
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
      await site.directory.add(
        `cn=${id},ou=People,${SUFFIX}`,
        new Map([
          ['objectClass', ['cloudPerson']],
          ['sn', ['aliased']],
        ]),
      );
      const tree = `ou=alias-${id},${SUFFIX}`;
      await site.directory.add(tree, new Map([['objectClass', ['organizationalUnit']]]));
      await site.directory.add(
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
        await site.directory.add(dn, new Map([['objectClass', ['organizationalUnit']]]));
      }
      const id = uuidHex();
      await site.directory.add(
        `cn=${id},${target}`,
        new Map([
          ['objectClass', ['cloudPerson']],
          ['sn', ['elsewhere']],
        ]),
      );
      await site.directory.add(
        `ou=there,${tree}`,
        new Map([
          ['objectClass', ['referral', 'extensibleObject']],
          ['ou', ['there']],
          ['ref', [`${site.url}/${encodeURI(target)}??sub`]],
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
        expect(await site.directory.checkBind(userDn(user.id), password)).to.equal(false);
      }
      expect(await site.directory.checkBind('', 'secret')).to.equal(false);
      for (const password of ['a\0b', '']) {
        expect(await rejection(passwords.prepare(password))).to.be.instanceOf(ValidationError);
      }
    });
  });

  it('asks for members a hundred at a time', async () => {
    const { groups } = driverWith({
      user_tree_dn: `ou=Users,${SUFFIX}`,
      group_objectclass: 'cloudGroup',
    });
    const { users } = driverWith();
    const group = await groups.create(newGroup());
    const made = await Promise.all(Array.from({ length: 130 }, () => users.create(newUser())));
    await site.directory.modify(`cn=${group.id},ou=UserGroups,${SUFFIX}`, [
      { operation: 'add', attribute: 'member', values: made.map(({ id }) => userDn(id)) },
    ]);
    expect(await groups.listUserIds(group.id)).to.have.members(made.map(({ id }) => id));
    const [some] = made;
    const found = await groups.listUsers(group.id, new Hints().addFilter('name', some?.name ?? ''));
    expect(found).to.deep.equal([some]);
    expect(
      await site.directory.searchAll({
        base: `ou=Users,${SUFFIX}`,
        scope: 'one',
        filter: equals('cn', 'no'),
      }),
    ).to.deep.equal([]);
  });
});
