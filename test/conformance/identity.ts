/** What every identity backend promises, whatever it keeps its users in. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import {
  Conflict,
  GroupNotFound,
  NotFound,
  Unauthorized,
  UserDisabled,
  UserNotFound,
  ValidationError,
} from '../../src/common/errors.js';
import { type Comparator, Hints } from '../../src/common/hints.js';
import { finishList } from '../../src/common/http/list.js';
import type { IdentityDriver } from '../../src/subsystems/identity/driver.js';
import type { Group, NewUser, User } from '../../src/subsystems/identity/types.js';
import { rejection } from '../support/rejection.js';

const DOMAIN = 'default';

/** What backends may do differently. */
export interface Behaviour {
  /** Users and groups of several domains are kept apart; they can be moved. */
  readonly manyDomains: boolean;
  /** Attributes that the API does not know are kept and returned, whatever their shape. */
  readonly keepsExtras: boolean;
  /** Users and groups can be renamed. */
  readonly renames: boolean;
  /** Who is a member already may be added again. */
  readonly addsMembersAgain: boolean;
  /** Filters on `enabled` are applied by the backend. */
  readonly filtersEnabled: boolean;
}

const EVERYTHING: Behaviour = {
  manyDomains: true,
  keepsExtras: true,
  renames: true,
  addsMembersAgain: true,
  filtersEnabled: true,
};

/** A test of what not every backend can do: it is left out where it does not apply, not passed over. */
function onlyIf(applies: boolean): (title: string, test: Mocha.AsyncFunc) => void {
  return applies ? it : () => undefined;
}

/**
 * @param driverOf gives the backend under test; the suite makes names of its own and leaves others alone
 * @param can what it can do beside what every backend must
 */
export function identityDriverSuite(driverOf: () => IdentityDriver, can: Behaviour = EVERYTHING): void {
  const unique = (name: string): string => `${name}-${uuidHex().slice(0, 12)}`;

  function newUser(attributes: Partial<NewUser> = {}): NewUser {
    return { id: uuidHex(), name: unique('user'), domain_id: DOMAIN, enabled: true, ...attributes };
  }

  async function createUser(attributes: Partial<NewUser> = {}, password?: string): Promise<User> {
    const { users, passwords } = driverOf();
    return users.create(
      newUser(attributes),
      password === undefined ? undefined : await passwords.prepare(password),
    );
  }

  function createGroup(attributes: Partial<Group> = {}): Promise<Group> {
    const group = { id: uuidHex(), name: unique('group'), domain_id: DOMAIN, description: '' };
    return driverOf().groups.create({ ...group, ...attributes });
  }

  /** Names of the users that a filter finds, the rest of the work done as a controller does it. */
  async function namesFor(
    hints: Hints,
    list = (asked: Hints): Promise<readonly User[]> => driverOf().users.list(asked),
  ): Promise<string[]> {
    const { entities } = finishList(hints, await list(hints));
    return entities.map(({ name }) => name).sort();
  }

  describe('users', () => {
    it('come back as they were stored, extra attributes included', async () => {
      const user = newUser({
        email: 'a@example.com',
        default_project_id: 'p1',
        ...(can.keepsExtras
          ? { description: null, nested: { list: [1, 'two', { three: 3 }] } }
          : { description: 'in the directory, Straße 1' }),
      });
      const created = await driverOf().users.create(user);
      expect(created).to.deep.equal({ ...user, password_expires_at: null });
      expect(await driverOf().users.get(user.id)).to.deep.equal(created);
      expect(await driverOf().users.getByName(user.name, DOMAIN)).to.deep.equal(created);
    });

    it('never show a password, nor what old releases kept beside it', async () => {
      const { users, passwords } = driverOf();
      const old = { tenants: ['t'], groups: ['g'], domains: ['d'], extra: { a: 1 } };
      const sent = { password: 'plain', ...(can.keepsExtras && old) };
      const created = await users.create(newUser(sent), await passwords.prepare('plain'));
      const updated = await users.update(created.id, { ...sent, description: 'x' });
      for (const user of [created, updated, await users.get(created.id)]) {
        expect(user).not.to.have.any.keys('password', 'tenants', 'groups', 'domains', 'extra');
        expect(JSON.stringify(user)).not.to.contain('plain');
      }
    });

    it('leave out a default project that they do not have', async () => {
      expect(await createUser({ default_project_id: null })).not.to.have.property('default_project_id');
    });

    it('are unknown by other ids, names and domains', async () => {
      const { users } = driverOf();
      const { name } = await createUser();
      expect(await rejection(users.get('nobody'))).to.be.instanceOf(UserNotFound);
      expect(await rejection(users.getByName(unique('nobody'), DOMAIN))).to.be.instanceOf(UserNotFound);
      expect(await rejection(users.getByName(name, 'elsewhere'))).to.be.instanceOf(UserNotFound);
    });

    it('have a name of their own in their domain', async () => {
      const { name } = await createUser();
      expect(await rejection(createUser({ name }))).to.be.instanceOf(Conflict);
      if (can.manyDomains) {
        expect(await createUser({ name, domain_id: 'elsewhere' })).to.have.property('name', name);
      }
      const other = await createUser();
      expect(await rejection(driverOf().users.update(other.id, { name }))).to.be.instanceOf(Conflict);
      expect(await driverOf().users.get(other.id)).to.have.property('name', other.name);
    });

    it('keep what an update does not name', async () => {
      const { users } = driverOf();
      const user = await createUser({ email: 'a@example.com', description: 'old', default_project_id: 'p1' });
      expect(await users.update(user.id, { description: 'new' })).to.deep.equal({
        ...user,
        description: 'new',
      });
      expect(await users.update(user.id, { enabled: false })).to.have.property('enabled', false);
      expect(await users.update(user.id, { email: 'b@example.com' })).to.deep.equal({
        ...user,
        description: 'new',
        email: 'b@example.com',
        enabled: false,
      });
      expect(await users.update(user.id, { enabled: true })).to.have.property('enabled', true);
      expect(await users.update(user.id, { default_project_id: null })).not.to.have.property(
        'default_project_id',
      );
      expect(await rejection(users.update('nobody', { description: 'x' }))).to.be.instanceOf(UserNotFound);
    });

    onlyIf(can.renames)('are renamed, and keep extra attributes that become null', async () => {
      const { users } = driverOf();
      const user = await createUser({ email: 'a@example.com', phone: '1', default_project_id: 'p1' });
      const name = unique('renamed');
      const updated = await users.update(user.id, { name, phone: null, office: 'B' });
      expect(updated).to.deep.equal({ ...user, name, phone: null, office: 'B' });
      expect(await users.getByName(name, DOMAIN)).to.deep.equal(updated);
      expect(await rejection(users.getByName(user.name, DOMAIN))).to.be.instanceOf(UserNotFound);
      expect(await users.update(user.id, { default_project_id: null })).not.to.have.property(
        'default_project_id',
      );
      expect(await rejection(users.update('nobody', { name }))).to.be.instanceOf(UserNotFound);
    });

    onlyIf(can.manyDomains)('move to another domain with their name', async () => {
      const { users } = driverOf();
      const user = await createUser({}, 'secret');
      expect(await users.update(user.id, { domain_id: 'moved' })).to.have.property('domain_id', 'moved');
      expect(await users.getByName(user.name, 'moved')).to.have.property('id', user.id);
      await driverOf().passwords.authenticate(user.id, 'secret');
    });

    it('are gone after deletion, with their password and memberships', async () => {
      const { users, groups } = driverOf();
      const user = await createUser({}, 'secret');
      const group = await createGroup();
      await groups.addUser(user.id, group.id);
      await users.delete(user.id);
      expect(await rejection(users.get(user.id))).to.be.instanceOf(UserNotFound);
      expect(await rejection(users.delete(user.id))).to.be.instanceOf(UserNotFound);
      expect(await groups.listUserIds(group.id)).to.deep.equal([]);
      expect(await createUser({ name: user.name })).to.have.property('name', user.name);
    });

    it('are told in short for tokens, unknown ones left out', async () => {
      const { users } = driverOf();
      const one = await createUser({ enabled: false });
      const two = await createUser();
      const short = ({ id, name, enabled, domain_id }: User): object => ({ id, name, enabled, domain_id });
      expect(await users.summaries([one.id])).to.deep.equal([short(one)]);
      expect(await users.summaries(['nobody'])).to.deep.equal([]);
      expect(await users.summaries([one.id, 'nobody', two.id])).to.have.deep.members([
        short(one),
        short(two),
      ]);
      expect(await users.summaries([])).to.deep.equal([]);
    });

    it('are had by their ids, as far as there are any', async () => {
      const { users } = driverOf();
      const one = await createUser({ email: 'one@example.com' }, 'secret');
      const two = await createUser();
      const found = await users.listFromIds?.([one.id, 'nobody', two.id, one.id]);
      if (found === undefined) return;
      expect(found).to.have.deep.members([one, two]);
      expect(await users.listFromIds?.([])).to.deep.equal([]);
    });

    it('are known by the domain that they are in', async () => {
      const domain = can.manyDomains ? unique('domain') : DOMAIN;
      const user = await createUser({ domain_id: domain });
      const ids = await driverOf().users.listIdsOfDomain(domain);
      if (can.manyDomains) expect(ids).to.deep.equal([user.id]);
      else expect(ids).to.include(user.id);
      expect(await driverOf().users.listIdsOfDomain('elsewhere-than-all')).to.deep.equal([]);
    });
  });

  describe('lists of users', () => {
    const domain = unique('lists');
    const names = ['Alice', 'alice-2', 'bob', '100%', 'under_score', 'Émile'].map(
      (name) => `${name}.${domain}`,
    );
    const named = (...wanted: string[]): string[] => wanted.map((name) => `${name}.${domain}`).sort();
    /** Those made here, by their domain or by how their names end. */
    const here = (): Hints =>
      can.manyDomains
        ? new Hints().addFilter('domain_id', domain)
        : new Hints()
            .addFilter('domain_id', DOMAIN)
            .addFilter('name', `.${domain}`, { comparator: 'endswith', caseSensitive: false });

    before(async () => {
      for (const name of names)
        await createUser({
          name,
          domain_id: can.manyDomains ? domain : DOMAIN,
          enabled: !name.startsWith('bob'),
        });
    });

    it('hold the users of a domain, whole', async () => {
      expect(await namesFor(here())).to.deep.equal([...names].sort());
      const [user] = await driverOf().users.list(here().addFilter('name', `bob.${domain}`));
      expect(user).to.deep.equal(await driverOf().users.get(user?.id ?? ''));
    });

    onlyIf(can.manyDomains)('find one name in all domains', async () => {
      const name = unique('everywhere');
      for (const domain_id of ['aaa', DOMAIN, 'zzz']) await createUser({ name, domain_id });
      const found = await driverOf().users.list(new Hints().addFilter('name', name));
      expect(found.map((user) => user.domain_id).sort()).to.deep.equal(['aaa', DOMAIN, 'zzz']);
      expect(await namesFor(new Hints().addFilter('name', unique('nobody')))).to.deep.equal([]);
    });

    it('filter by what is enabled, as text and as boolean', async () => {
      expect(await namesFor(here().addFilter('enabled', 'False'))).to.deep.equal(named('bob'));
      expect(await namesFor(here().addFilter('enabled', false))).to.deep.equal(named('bob'));
      expect(await namesFor(here().addFilter('enabled', ''))).to.have.length(names.length - 1);
    });

    const inexact: [Comparator, boolean, string, string[]][] = [
      ['contains', true, 'lice', ['Alice', 'alice-2']],
      ['startswith', true, 'a', ['alice-2']],
      ['startswith', false, 'A', ['Alice', 'alice-2']],
      ['contains', false, 'LICE-', ['alice-2']],
      ['contains', true, '%', ['100%']],
      ['contains', false, 'r_s', ['under_score']],
      ['contains', false, '!', []],
      ['startswith', false, 'é', ['Émile']],
      ['startswith', true, 'É', ['Émile']],
      ['startswith', true, 'é', []],
    ];
    for (const [comparator, caseSensitive, value, wanted] of inexact) {
      it(`filter names that ${caseSensitive ? '' : 'i'}${comparator} ${value}`, async () => {
        const hints = here().addFilter('name', value, { comparator, caseSensitive });
        expect(await namesFor(hints)).to.deep.equal(named(...wanted));
      });
    }

    it('filter names by their end', async () => {
      const hints = (end: string, caseSensitive: boolean): Hints =>
        here().addFilter('name', `${end}.${domain}`, { comparator: 'endswith', caseSensitive });
      expect(await namesFor(hints('ICE', false))).to.deep.equal(named('Alice'));
      expect(await namesFor(hints('ICE', true))).to.deep.equal([]);
    });

    it('are cut to the limit, which counts what the filters leave', async () => {
      const cut = here().addFilter('enabled', true).setLimit(2);
      const some = await driverOf().users.list(cut);
      if (can.filtersEnabled) expect(some).to.have.length(2);
      expect(finishList(cut, some))
        .to.deep.include({ truncated: true })
        .and.have.nested.property('entities.length', 2);
      const whole = here().addFilter('enabled', false).setLimit(1);
      const one = finishList(whole, await driverOf().users.list(whole));
      expect(one).to.deep.include({ truncated: false }).and.have.nested.property('entities.length', 1);
      const all = here().setLimit(names.length);
      expect(await driverOf().users.list(all)).to.have.length(names.length);
      expect(all.limit?.truncated).to.equal(false);
      const less = here().setLimit(names.length - 1);
      expect(await driverOf().users.list(less)).to.have.length(names.length - 1);
      expect(less.limit?.truncated).to.equal(true);
    });

    it('never apply a limit before a filter that is left to the caller', async () => {
      const hints = here()
        .addFilter('name', 'é', { comparator: 'startswith', caseSensitive: false })
        .setLimit(1);
      const { entities } = finishList(hints, await driverOf().users.list(hints));
      expect(entities.map(({ name }) => name)).to.deep.equal(named('Émile'));
    });

    it('take texts that look like SQL or like search filters for what they are', async () => {
      const sql = ["' OR '1'='1", '?', '??', '"; --', '\\', '$1', ':name'];
      const ldap = ['*', 'a*', ')(objectClass=*', '(|(cn=*))', '\\2a', '\\00', '*)(|(sn=*'];
      for (const value of [...sql, ...ldap]) {
        expect(await namesFor(here().addFilter('name', value))).to.deep.equal([]);
        expect(await namesFor(here().addFilter('name', value, { comparator: 'contains' }))).to.deep.equal([]);
      }
    });
  });

  describe('passwords', () => {
    it('let in who knows them and nobody else', async () => {
      const { passwords } = driverOf();
      const { id } = await createUser({}, 'pässword ✓');
      await passwords.authenticate(id, 'pässword ✓');
      expect(await rejection(passwords.authenticate(id, 'pässword'))).to.be.instanceOf(Unauthorized);
      expect(await rejection(passwords.authenticate(id, ''))).to.be.instanceOf(Unauthorized);
    });

    it('are refused alike for unknown users, users without one and wrong ones', async () => {
      const { passwords } = driverOf();
      const without = await createUser();
      const emptied = await driverOf().users.create(newUser(), await passwords.prepare(null));
      const known = await createUser({}, 'secret');
      for (const id of ['nobody', without.id, emptied.id, known.id]) {
        const error = await rejection(passwords.authenticate(id, 'wrong'));
        expect(error.constructor).to.equal(Unauthorized);
        expect(error.message).to.equal('The request you have made requires authentication.');
      }
    });

    it('do not help a disabled user', async () => {
      const { passwords } = driverOf();
      const { id } = await createUser({ enabled: false }, 'secret');
      expect(await rejection(passwords.authenticate(id, 'secret'))).to.be.instanceOf(UserDisabled);
      expect((await rejection(passwords.authenticate(id, 'wrong'))).constructor).to.equal(Unauthorized);
    });

    it('are replaced by an administrator, and stay when an update does not name them', async () => {
      const { passwords, users } = driverOf();
      const { id } = await createUser({}, 'first');
      await users.update(id, { description: 'x' });
      await passwords.authenticate(id, 'first');
      await users.update(id, {}, await passwords.prepare('second'));
      await passwords.authenticate(id, 'second');
      expect(await rejection(passwords.authenticate(id, 'first'))).to.be.instanceOf(Unauthorized);
      await users.update(id, {}, await passwords.prepare(null));
      expect(await rejection(passwords.authenticate(id, 'second'))).to.be.instanceOf(Unauthorized);
    });

    it('can be pretended to be checked', async () => {
      await driverOf().passwords.pretend('anything');
    });
  });

  describe('groups', () => {
    it('come back as they were stored, extra attributes included', async () => {
      const group = {
        id: uuidHex(),
        name: unique('g'),
        domain_id: DOMAIN,
        description: 'd',
        ...(can.keepsExtras && { extra1: { a: [null] } }),
      };
      const { groups } = driverOf();
      expect(await groups.create(group)).to.deep.equal(group);
      expect(await groups.get(group.id)).to.deep.equal(group);
      expect(await groups.getByName(group.name, DOMAIN)).to.deep.equal(group);
      expect(await groups.listFromIds([group.id, 'none', group.id])).to.deep.equal([group]);
      expect(await groups.listFromIds([])).to.deep.equal([]);
    });

    it('are unknown by other ids, names and domains', async () => {
      const { groups } = driverOf();
      const { name } = await createGroup();
      expect(await rejection(groups.get('none'))).to.be.instanceOf(GroupNotFound);
      expect(await rejection(groups.getByName(name, 'elsewhere'))).to.be.instanceOf(GroupNotFound);
      expect(await rejection(groups.update('none', { name }))).to.be.instanceOf(GroupNotFound);
      expect(await rejection(groups.delete('none'))).to.be.instanceOf(GroupNotFound);
    });

    it('have a name of their own in their domain', async () => {
      const { name } = await createGroup();
      expect(await rejection(createGroup({ name }))).to.be.instanceOf(Conflict);
      const other = await createGroup();
      const refused = await rejection(driverOf().groups.update(other.id, { name }));
      expect(refused).to.be.instanceOf(can.renames ? Conflict : ValidationError);
      if (!can.manyDomains) return;
      expect(await createGroup({ name, domain_id: 'elsewhere' })).to.have.property('name', name);
    });

    it('keep what an update does not name', async () => {
      const { groups } = driverOf();
      const plain = await createGroup({ description: 'old' });
      expect(await groups.update(plain.id, { description: 'new' })).to.deep.equal({
        ...plain,
        description: 'new',
      });
      expect(await groups.update(plain.id, {})).to.have.property('description', 'new');
      expect(await groups.update(plain.id, { description: '' })).to.have.property('description', '');
      if (!can.renames) return;
      const group = await createGroup({ description: 'old', owner: 'x' });
      const name = unique('renamed');
      expect(await groups.update(group.id, { name, color: 'red' })).to.deep.equal({
        ...group,
        name,
        color: 'red',
      });
      expect(await groups.update(group.id, { description: null })).to.have.property('description', null);
    });

    it('are listed by name and domain, to a limit', async () => {
      const { groups } = driverOf();
      const domain = unique('domain');
      const make = (): Promise<Group> =>
        can.manyDomains ? createGroup({ domain_id: domain }) : createGroup({ name: unique(domain) });
      const [one] = [await make(), await make()];
      const list = (hints: Hints): Promise<Group[]> =>
        groups.list(
          can.manyDomains
            ? hints.addFilter('domain_id', domain)
            : hints.addFilter('name', domain, { comparator: 'startswith', caseSensitive: false }),
        );
      expect(await groups.list(new Hints().addFilter('domain_id', 'elsewhere-than-all'))).to.deep.equal([]);
      expect(await list(new Hints())).to.have.length(2);
      expect(await list(new Hints().addFilter('name', one?.name ?? ''))).to.deep.equal([one]);
      const cut = new Hints().setLimit(1);
      expect(await list(cut)).to.have.length(1);
      expect(cut.limit?.truncated).to.equal(true);
      const ids = await groups.listIdsOfDomain(can.manyDomains ? domain : DOMAIN);
      if (can.manyDomains) expect(ids).to.have.length(2);
      else expect(ids).to.include(one?.id);
    });

    it('are gone after deletion, with their memberships', async () => {
      const { groups } = driverOf();
      const [user, group] = [await createUser(), await createGroup()];
      await groups.addUser(user.id, group.id);
      await groups.delete(group.id);
      expect(await rejection(groups.get(group.id))).to.be.instanceOf(GroupNotFound);
      expect(await groups.listIdsOfUser(user.id)).to.deep.equal([]);
    });
  });

  describe('memberships', () => {
    it('begin and end, and are told or taken when they are begun twice', async () => {
      const { groups } = driverOf();
      const [user, group] = [await createUser(), await createGroup()];
      expect((await rejection(groups.checkUser(user.id, group.id))).constructor).to.equal(NotFound);
      await groups.addUser(user.id, group.id);
      const again = groups.addUser(user.id, group.id);
      if (can.addsMembersAgain) await again;
      else expect(await rejection(again)).to.be.instanceOf(Conflict);
      await groups.checkUser(user.id, group.id);
      await groups.removeUser(user.id, group.id);
      expect((await rejection(groups.removeUser(user.id, group.id))).constructor).to.equal(NotFound);
    });

    it('tell which of the two does not exist', async () => {
      const { groups } = driverOf();
      const [user, group] = [await createUser(), await createGroup()];
      for (const act of ['addUser', 'checkUser', 'removeUser'] as const) {
        expect(await rejection(groups[act]('nobody', group.id)), act).to.be.instanceOf(UserNotFound);
        expect(await rejection(groups[act](user.id, 'none')), act).to.be.instanceOf(GroupNotFound);
      }
      expect(await rejection(groups.listUsers('none', new Hints()))).to.be.instanceOf(GroupNotFound);
      expect(await rejection(groups.listOfUser('nobody', new Hints()))).to.be.instanceOf(UserNotFound);
    });

    it('are listed from both sides, filtered and cut', async () => {
      const { groups } = driverOf();
      const members = [await createUser(), await createUser({ enabled: false })];
      const own = [await createGroup(), await createGroup()];
      await createUser();
      for (const user of members) for (const group of own) await groups.addUser(user.id, group.id);
      const [user, group] = [members[0] as User, own[0] as Group];
      const ofGroup = (hints: Hints): Promise<User[]> => groups.listUsers(group.id, hints);
      expect(await ofGroup(new Hints())).to.have.deep.members(members);
      expect(await namesFor(new Hints().addFilter('name', user.name), ofGroup)).to.deep.equal([user.name]);
      expect(await namesFor(new Hints().addFilter('enabled', true), ofGroup)).to.deep.equal([user.name]);
      expect(await ofGroup(new Hints().setLimit(1))).to.have.length(1);
      expect(await groups.listUserIds(group.id)).to.have.members(members.map(({ id }) => id));
      expect(await groups.listOfUser(user.id, new Hints())).to.have.deep.members(own);
      expect(await groups.listOfUser(user.id, new Hints().addFilter('name', group.name))).to.deep.equal([
        group,
      ]);
      expect(await groups.listIdsOfUser(user.id)).to.have.members(own.map(({ id }) => id));
      expect(await groups.listIdsOfUser('nobody')).to.deep.equal([]);
    });

    it('survive being begun by many at once', async () => {
      const { groups } = driverOf();
      const [user, group] = [await createUser(), await createGroup()];
      const all = await Promise.allSettled(
        Array.from({ length: 8 }, () => groups.addUser(user.id, group.id)),
      );
      const done = all.filter(({ status }) => status === 'fulfilled');
      expect(done).to.have.length(can.addsMembersAgain ? 8 : 1);
      expect(await groups.listUserIds(group.id)).to.deep.equal([user.id]);
    });
  });
}
