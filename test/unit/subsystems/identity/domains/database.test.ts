/** Domains whose directories are configured through the API. */
import { expect } from 'chai';
import {
  CrossBackendNotAllowed,
  DomainNotFound,
  GroupNotFound,
  MultipleSQLDriversInConfig,
  NotFound,
  Unauthorized,
  UnexpectedError,
  UserDisabled,
  UserNotFound,
} from '../../../../../src/common/errors.js';
import { Hints } from '../../../../../src/common/hints.js';
import { RetryableError } from '../../../../../src/common/sql/index.js';
import { generatePublicId } from '../../../../../src/subsystems/id_mapping/generators/sha256.js';
import type { IdentityManager } from '../../../../../src/subsystems/identity/manager.js';
import { openDrivers } from '../../../../support/directory_driver.js';
import { rejection } from '../../../../support/rejection.js';
import { settled } from '../deployment.js';
import { createSite, type Process, people, type Site } from './site.js';

describe('identity/domains: configurations in the database', () => {
  let site: Site;
  let other: Process;
  let identity: IdentityManager;
  let domainId: string;
  let directory: string;
  let count = 0;

  before(async () => {
    site = await createSite({
      identity: ['domain_specific_drivers_enabled = true', 'domain_configurations_from_database = true'],
    });
    other = await site.process();
    ({ identity } = site.providers);
  });
  after(() => site.close());
  beforeEach(async () => {
    count += 1;
    domainId = await site.domain(`domain-${count}`);
    directory = await site.directory(`directory-${count}`, {
      users: [...people('ann', 'bob'), { id: 'id-off', name: 'off', password: 'secret-off', enabled: false }],
      groups: [{ id: 'id-staff', name: 'staff', members: ['id-ann'] }],
    });
  });

  const configure = (config: object = site.configOf(directory), domain = domainId): Promise<unknown> =>
    site.providers.domainConfig.createConfig(domain, JSON.parse(JSON.stringify(config)));
  const publicId = (localId: string, type: 'user' | 'group' = 'user', domain = domainId): string =>
    generatePublicId({ domain_id: domain, local_id: localId, entity_type: type });
  const inDomain = (): Hints => new Hints();
  const namesIn = async (of: IdentityManager = identity): Promise<string[]> =>
    (await of.listUsers(inDomain(), domainId)).map(({ name }) => name).sort();

  const holdEverywhere = async (): Promise<void> => {
    expect(await namesIn()).to.deep.equal([]);
    expect(await namesIn(other.providers.identity)).to.deep.equal([]);
    await configure();
    for (const process of [site, other]) {
      expect(await namesIn(process.providers.identity)).to.deep.equal(['ann', 'bob', 'off']);
    }
    const second = await site.directory(`second-${count}`, { users: people('eve') });
    await site.providers.domainConfig.updateConfig(domainId, { ldap: { url: second } });
    for (const process of [site, other]) {
      expect(await namesIn(process.providers.identity)).to.deep.equal(['eve']);
    }
    await settled();
    expect(openDrivers).not.to.include(directory);
    await site.providers.domainConfig.deleteConfig(domainId);
    for (const process of [site, other]) {
      expect(await namesIn(process.providers.identity)).to.deep.equal([]);
    }
    await settled();
    expect(openDrivers).not.to.include(second);
  };

  it('hold in every process for the next call, from the first to the last', () => holdEverywhere());

  it('hold where the database does not tell of changes', async () => {
    const databases = [site.database, other.database];
    for (const database of databases) database.changeToken = () => Promise.resolve(undefined);
    try {
      await holdEverywhere();
    } finally {
      for (const database of databases) Reflect.deleteProperty(database, 'changeToken');
    }
  });

  it('show users and groups under public ids, with the domain', async () => {
    await configure();
    const ann = await identity.getUserByName('ann', domainId);
    expect(ann).to.include({ id: publicId('id-ann'), name: 'ann', domain_id: domainId, enabled: true });
    expect(await identity.getUser(ann.id)).to.deep.equal(ann);
    expect(await other.providers.identity.userForToken(ann.id)).to.include({
      id: ann.id,
      name: 'ann',
      domain_id: domainId,
    });
    const [group] = await identity.listGroups(inDomain(), domainId);
    expect(group).to.include({ id: publicId('id-staff', 'group'), name: 'staff', domain_id: domainId });
    expect(await identity.listGroupIdsForUser(ann.id)).to.deep.equal([group?.id]);
    expect((await identity.listGroupsForUser(ann.id, new Hints())).map(({ id }) => id)).to.deep.equal([
      group?.id,
    ]);
    expect(await identity.listUserIdsInGroup(group?.id ?? '')).to.deep.equal([ann.id]);
    expect((await identity.listUsersInGroup(group?.id ?? '', new Hints())).map(({ id }) => id)).to.deep.equal(
      [ann.id],
    );
  });

  it('leave no way from a user to a group of the same name, or past the table of ids', async () => {
    await configure();
    await identity.listGroups(inDomain(), domainId);
    const group = publicId('id-staff', 'group');
    expect(await rejection(identity.getUser(group))).to.be.instanceOf(UserNotFound);
    expect(await rejection(identity.getUser('id-ann'))).to.be.instanceOf(UserNotFound);
    expect(await rejection(identity.getGroup('nowhere')))
      .to.be.instanceOf(GroupNotFound)
      .with.property('message')
      .that.contains('nowhere');
  });

  it('speak of public ids when something is missing', async () => {
    await configure();
    const { id } = await identity.getUserByName('ann', domainId);
    const bob = await identity.getUserByName('bob', domainId);
    const [group] = await identity.listGroups(inDomain(), domainId);
    const gone = await site.directory(`directory-${count}`, { users: people('bob'), groups: [] });
    expect(gone).to.equal(directory);
    expect(await rejection(identity.getUser(id)))
      .to.be.instanceOf(UserNotFound)
      .with.property('message')
      .that.contains(id)
      .and.not.contains('id-ann');
    expect(await rejection(identity.checkUserInGroup(bob.id, group?.id ?? ''))).to.be.instanceOf(
      GroupNotFound,
    );
    expect(await identity.userForToken(id)).to.equal(null);
    expect(await identity.listGroupIdsForUser(id)).to.deep.equal([]);
  });

  it('change what is in the directory, and tell of it under public ids', async () => {
    await configure();
    const created = await identity.createUser(
      { name: 'new', domain_id: domainId, password: 'secret-new' },
      null,
    );
    expect(created).to.include({ name: 'new', domain_id: domainId });
    expect(created.id).to.match(/^[0-9a-f]{64}$/);
    const group = await identity.createGroup({ name: 'fresh', domain_id: domainId }, null);
    await identity.addUserToGroup(created.id, group.id, null);
    await identity.checkUserInGroup(created.id, group.id);
    expect(await identity.updateUser(created.id, { email: 'new@example.org' }, null)).to.include({
      id: created.id,
      email: 'new@example.org',
      domain_id: domainId,
    });
    expect(await identity.updateUser(created.id, { password: 'changed' }, null)).to.include({ name: 'new' });
    await identity.authenticate(created.id, 'changed', null);
    await identity.removeUserFromGroup(created.id, group.id, null);
    expect(await rejection(identity.checkUserInGroup(created.id, group.id)))
      .to.be.instanceOf(NotFound)
      .with.property('message', `User '${created.id}' not found in group '${group.id}'`);
    await identity.deleteGroup(group.id, null);
    await identity.deleteUser(created.id, null);
    expect(await rejection(identity.getUser(created.id))).to.be.instanceOf(UserNotFound);
    expect(await site.providers.idMapping.count({ publicId: created.id })).to.equal(0);
    expect(await site.database.table('user').get(created.id)).to.equal(null);
    await settled();
    expect(site.events).to.include.members([
      `identity.user.created ${created.id}`,
      `identity.group.created ${group.id}`,
      `identity.user.deleted ${created.id}`,
      `identity.group.deleted ${group.id}`,
    ]);
  });

  it('are changed once, however often what follows in the database has to be done', async () => {
    await configure();
    const { id } = await identity.getUserByName('bob', domainId);
    let times = 0;
    site.notifications.on('user', 'deleted', (event) => {
      if (event.id !== id) return;
      times += 1;
      if (times === 1) throw new RetryableError('a deadlock');
    });
    await identity.deleteUser(id, null);
    expect(times).to.equal(2);
    expect(await namesIn()).to.deep.equal(['ann', 'off']);
  });

  describe('a sign-in', () => {
    it('leaves a row for the user, which follows the name', async () => {
      await configure();
      const { id } = await identity.getUserByName('ann', domainId);
      const row = (): Promise<unknown> => site.database.table('nonlocal_user').findOne({ user_id: id });
      expect(await row()).to.equal(null);
      await identity.authenticate(id, 'secret-ann', null);
      expect(await row()).to.include({ domain_id: domainId, name: 'ann' });
      expect(await site.database.table('user').get(id)).to.include({ id, domain_id: domainId });
      await site.directory(`directory-${count}`, {
        users: [
          { id: 'id-ann', name: 'anna', password: 'secret-ann' },
          { id: 'id-2', name: 'ann', password: 'x' },
        ],
      });
      await identity.authenticate(id, 'secret-ann', null);
      expect(await row()).to.include({ name: 'anna' });
      const namesake = await identity.getUserByName('ann', domainId);
      await identity.authenticate(namesake.id, 'x', null);
      expect(await site.database.table('nonlocal_user').count({ domain_id: domainId })).to.equal(2);
    });

    it('of many requests at the same time leaves one row', async () => {
      await configure();
      const { id } = await identity.getUserByName('ann', domainId);
      const processes = [site, other, site, other, site, other];
      await Promise.all(
        processes.map(({ providers }) => providers.identity.authenticate(id, 'secret-ann', null)),
      );
      expect(await site.database.table('nonlocal_user').count({ user_id: id })).to.equal(1);
    });

    it('is refused as it should be, and leaves nothing then', async () => {
      await configure();
      const ann = await identity.getUserByName('ann', domainId);
      const off = await identity.getUserByName('off', domainId);
      expect(await rejection(identity.authenticate(ann.id, 'wrong', null))).to.be.instanceOf(Unauthorized);
      expect(await rejection(identity.authenticate('nobody', 'secret', null))).to.be.instanceOf(Unauthorized);
      expect(await rejection(identity.authenticate(off.id, 'secret-off', null))).to.be.instanceOf(
        UserDisabled,
      );
      expect(await site.database.table('user').get(off.id)).to.equal(null);
    });
  });

  it('alone say who there is: neither a row nor a token outlives what leads to the directory', async () => {
    await configure();
    const { id } = await identity.getUserByName('ann', domainId);
    await identity.authenticate(id, 'secret-ann', null);
    const { idMapping, domainConfig } = site.providers;
    await idMapping.purge({ domainId });
    expect(await identity.userForToken(id)).to.equal(null);
    expect((await identity.usersByIds([id, 'other'])).size).to.equal(0);
    expect(await rejection(identity.getUser(id))).to.be.instanceOf(UserNotFound);
    expect((await identity.getUserByName('ann', domainId)).id).to.equal(id);
    expect(await identity.userForToken(id)).to.include({ name: 'ann' });
    await domainConfig.deleteConfig(domainId);
    expect(await identity.userForToken(id)).to.equal(null);
    expect(await namesIn()).to.deep.equal([]);
  });

  it('keep groups to the users of their own backend', async () => {
    await configure();
    const ann = await identity.getUserByName('ann', domainId);
    const [staff] = await identity.listGroups(inDomain(), domainId);
    const local = await identity.createUser({ name: `local-${count}`, domain_id: 'default' }, null);
    const group = await identity.createGroup({ name: `local-${count}`, domain_id: 'default' }, null);
    for (const [userId, groupId] of [
      [ann.id, group.id],
      [local.id, staff?.id ?? ''],
    ] as const) {
      for (const attempt of [
        () => identity.addUserToGroup(userId, groupId, null),
        () => identity.removeUserFromGroup(userId, groupId, null),
        () => identity.checkUserInGroup(userId, groupId),
      ]) {
        expect(await rejection(attempt())).to.be.instanceOf(CrossBackendNotAllowed);
      }
    }
    expect(await rejection(identity.addUserToGroup('nobody', staff?.id ?? '', null))).to.be.instanceOf(
      UserNotFound,
    );
    expect(await rejection(identity.addUserToGroup(ann.id, 'nothing', null))).to.be.instanceOf(GroupNotFound);
  });

  it('leave other domains to the standard driver, whose ids stay as they are', async () => {
    await configure();
    const user = await identity.createUser({ name: `plain-${count}`, domain_id: 'default' }, null);
    expect(user.id).to.match(/^[0-9a-f]{32}$/);
    expect(await identity.getUser(user.id)).to.deep.equal(user);
    expect(await site.providers.idMapping.count({ domainId: 'default' })).to.equal(0);
    const both = await identity.usersByIds([user.id, publicId('id-ann'), 'unknown']);
    // Nobody has asked for the user of the directory yet: the id means nothing.
    expect([...both.keys()]).to.deep.equal([user.id]);
    const ann = await identity.getUserByName('ann', domainId);
    const now = await identity.usersByIds([user.id, ann.id]);
    expect([...now.values()].map(({ name }) => name).sort()).to.deep.equal(['ann', user.name].sort());
    expect((await identity.listUsersFromIds([user.id, ann.id])).map(({ id }) => id)).to.have.members([
      user.id,
      ann.id,
    ]);
  });

  it('have a limit of their own for lists', async () => {
    const { identity: section, ldap } = site.configOf(directory);
    await configure({ identity: { ...section, list_limit: '2' }, ldap });
    const hints = inDomain();
    expect(await identity.listUsers(hints, domainId)).to.have.length(2);
    expect(hints.limit).to.deep.equal({ limit: 2, truncated: true });
  });

  it('that are wrong break their own domain alone, until they are right', async () => {
    for (const wrong of [{ identity: { driver: 'nothing-of-this-kind' } }, { ldap: { page_size: 'many' } }]) {
      await configure(wrong);
      const error = await rejection(namesIn());
      expect(error).to.be.instanceOf(UnexpectedError);
      expect(error)
        .to.have.property('detail')
        .that.matches(/nothing-of-this-kind|page_size/);
      expect(await identity.listUsers(inDomain(), 'default')).to.be.an('array');
    }
    await configure();
    expect(await namesIn()).to.deep.equal(['ann', 'bob', 'off']);
  });

  it('let one domain have the SQL driver: the first, until it gives it up or is gone', async () => {
    const second = await site.domain(`second-${count}`);
    const names = (domain: string, of: Process = site): Promise<string[]> =>
      of.providers.identity.listUsers(inDomain(), domain).then((users) => users.map(({ name }) => name));
    await configure({ identity: { driver: 'sql' } });
    await configure({ identity: { driver: 'sql' } }, second);
    const user = await identity.createUser({ name: 'kept', domain_id: domainId }, null);
    expect(user.id).to.match(/^[0-9a-f]{32}$/);
    expect(await site.providers.idMapping.find(user.id, 'user')).to.include({ domainId, localId: user.id });
    expect(await names(domainId, other)).to.deep.equal(['kept']);
    for (const process of [site, other]) {
      expect(await rejection(names(second, process))).to.be.instanceOf(MultipleSQLDriversInConfig);
    }
    await configure();
    expect(await names(domainId)).to.deep.equal(['ann', 'bob', 'off']);
    expect(await names(second)).to.deep.equal([]);
    expect(await site.database.table('config_register').find()).to.deep.equal([
      { type: 'SQL', domain_id: second },
    ]);
    await site.database.table('config_register').update({ type: 'SQL' }, { domain_id: 'long gone' });
    await configure({ identity: { driver: 'sql' } });
    expect(await names(domainId)).to.deep.equal(['kept']);
    await site.providers.domainConfig.deleteConfig(domainId);
    expect(await names(domainId)).to.deep.equal(['kept']);
    expect(await site.database.table('config_register').find()).to.deep.equal([]);
  });

  it('count for roles that users have through groups of the directory', async () => {
    await configure();
    const ann = await identity.getUserByName('ann', domainId);
    const [staff] = await identity.listGroups(inDomain(), domainId);
    const { assignment, resource, role } = site.providers;
    const project = await resource.createProject({ name: `p-${count}`, domain_id: 'default' }, null);
    const granted = await role.createRole({ name: `role-${count}`, domain_id: null }, null);
    const grant = { roleId: granted.id, userId: null, groupId: staff?.id ?? '', projectId: project.id };
    await assignment.createGrant({ ...grant, domainId: null, inherited: false }, null);
    expect(await assignment.effectiveRoles(ann.id, { projectId: project.id }, [])).to.deep.equal([
      { id: granted.id, name: granted.name },
    ]);
    expect((await assignment.listProjectsForUser(ann.id, new Hints())).map(({ id }) => id)).to.deep.equal([
      project.id,
    ]);
    const listed = await assignment.listRoleAssignments({
      userId: null,
      groupId: null,
      roleId: granted.id,
      projectId: null,
      domainId: null,
      inherited: null,
      effective: true,
      includeNames: true,
      includeSubtree: false,
    });
    expect(listed.assignments).to.have.length(1);
    expect(listed.assignments[0]).to.include({ userId: ann.id });
    expect(listed.names?.users.get(ann.id)).to.deep.include({ name: 'ann' });
  });

  it('tell the members of many groups of all backends with a few statements', async () => {
    const groups = Array.from({ length: 40 }, (_, position) => ({
      id: `g${position}`,
      name: `g${position}`,
      members: ['id-ann', 'id-bob'],
    }));
    directory = await site.directory(`groups-${count}`, { users: people('ann', 'bob'), groups });
    await configure();
    const ids = (await identity.listGroups(inDomain(), domainId)).map(({ id }) => id);
    const users = (await identity.listUsers(inDomain(), domainId)).map(({ id }) => id);
    const local = await identity.createGroup({ name: `members-${count}`, domain_id: 'default' }, null);
    const member = await identity.createUser({ name: `member-${count}`, domain_id: 'default' }, null);
    await identity.addUserToGroup(member.id, local.id, null);
    let members: ReadonlyMap<string, readonly string[]> = new Map();
    const asked = await site.statementsOf(async () => {
      members = await identity.listUserIdsInGroups([...ids, local.id, 'unknown']);
    });
    expect(asked).to.be.at.most(6);
    expect(members.get(local.id)).to.deep.equal([member.id]);
    expect(members.get(ids[39] ?? '')).to.have.members(users);
    expect(members.get('unknown') ?? []).to.deep.equal([]);
  });

  it('go with their domain, and leave the directory as it is', async () => {
    await configure();
    const ann = await identity.getUserByName('ann', domainId);
    const [staff] = await identity.listGroups(inDomain(), domainId);
    await identity.authenticate(ann.id, 'secret-ann', null);
    const { assignment, resource, role } = site.providers;
    const granted = await role.createRole({ name: `gone-${count}`, domain_id: null }, null);
    await assignment.createGrant(
      {
        roleId: granted.id,
        userId: ann.id,
        groupId: null,
        projectId: null,
        domainId: 'default',
        inherited: false,
      },
      null,
    );
    await resource.updateDomain(domainId, { enabled: false }, null);
    await resource.deleteDomain(domainId, null);
    expect(await site.providers.idMapping.count({ domainId })).to.equal(0);
    expect(await site.database.table('user').count({ domain_id: domainId })).to.equal(0);
    expect(await site.database.table('assignment').count({ role_id: granted.id })).to.equal(0);
    expect(await identity.userForToken(ann.id)).to.equal(null);
    await settled();
    expect(site.events).to.include.members([
      `identity.user.deleted ${ann.id}`,
      `identity.group.deleted ${staff?.id}`,
    ]);
    // The people are still there, for whoever names the directory again.
    domainId = await site.domain(`again-${count}`);
    await configure();
    expect(await namesIn()).to.deep.equal(['ann', 'bob', 'off']);
  });

  it('need no directory that answers for the deletion of a domain', async () => {
    await configure();
    await identity.getUserByName('ann', domainId);
    await site.providers.domainConfig.updateConfig(domainId, { ldap: { url: '/nowhere' } });
    expect(await rejection(namesIn())).to.be.instanceOf(Error);
    await site.providers.resource.updateDomain(domainId, { enabled: false }, null);
    await site.providers.resource.deleteDomain(domainId, null);
    expect(await rejection(site.providers.resource.getDomain(domainId))).to.be.instanceOf(DomainNotFound);
  });

  it('make the ids of ten thousand new users with a handful of statements', async () => {
    const many = Array.from({ length: 10_000 }, (_, position) => ({
      id: `n${position}`,
      name: `n${position}`,
    }));
    directory = await site.directory(`many-${count}`, { users: many });
    await configure();
    await identity.listUsers(inDomain(), 'default');
    const list = async (process: Process): Promise<void> => {
      expect(await process.providers.identity.listUsers(inDomain(), domainId)).to.have.length(10_000);
    };
    expect(await site.statementsOf(() => list(site))).to.be.at.most(25);
    expect(await site.statementsOf(() => list(site))).to.be.at.most(3);
    // Another process finds them as they are.
    const ids = (await other.providers.identity.listUsers(inDomain(), domainId)).map(({ id }) => id);
    expect(ids[7]).to.equal(publicId('n7'));
    expect(await site.providers.idMapping.count({ domainId })).to.equal(10_000);
    const asked = ids.slice(0, 1000);
    expect(await site.statementsOf(() => identity.usersByIds(asked))).to.be.at.most(4);
  });
});
