/** The options of [ldap] on what is written, on OpenLDAP. */
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
import { LdapOptionError } from '../../src/common/ldap/index.js';
import { createLdapDriver } from '../../src/subsystems/identity/backends/ldap.js';
import { rejection } from '../support/rejection.js';
import { SUFFIX } from '../support/services/slapd.js';
import { exampleSite, type LdapConf, newGroup, newUser, userDn } from './ldap_support.js';

describe('options of [ldap] on OpenLDAP', () => {
  const site = exampleSite();
  const { confWith, driverWith, stored } = site;

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

    it('take the id from the part of a name with several parts that is of its attribute', async () => {
      const uid = uuidHex();
      const dn = `cn=Jane+uid=${uid},ou=Users,${SUFFIX}`;
      const values = { objectClass: 'inetOrgPerson', cn: 'Jane', sn: `Doe ${uid}`, uid: [uid, `${uid}b`] };
      await site.directory.add(
        dn,
        new Map(Object.entries(values).map(([name, value]) => [name, [value].flat()])),
      );
      const { users } = driverWith({ user_objectclass: 'inetOrgPerson', user_id_attribute: 'uid' });
      expect((await users.getByName(values.sn, 'default')).id).to.equal(uid);
      expect((await users.get(uid)).id).to.equal(uid);
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
      await site.directory.modify(userDn(user.id), [
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
      await site.directory.modify(userDn(user.id), [
        { operation: 'delete', attribute: 'isLocked', values: [] },
      ]);
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
      await site.directory.add(
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
      await site.directory.add(
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
      await site.directory.modify(`cn=${group.id},ou=UserGroups,${SUFFIX}`, [
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
      await site.directory.add(
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
        await site.directory.add(below, new Map([['objectClass', ['cloudGroup']]]));
        if (withTree) {
          await site.directory.add(`ou=deeper,${below}`, new Map([['objectClass', ['organizationalUnit']]]));
        }
        await groups.delete(group.id);
        expect(await stored(dn, 'cn')).to.equal(null);
        expect(await rejection(groups.get(group.id))).to.be.instanceOf(GroupNotFound);
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
});
