/**
 * Whoever runs a directory says who is in it, and under which ids: none of that may reach users, groups or roles that
 * lie elsewhere.
 */
import { expect } from 'chai';
import { lookUpUser } from '../../src/auth/user_lookup.js';
import { GroupNotFound, UserNotFound } from '../../src/common/errors.js';
import { Hints } from '../../src/common/hints.js';
import { DIRECTORY_PACKAGE, pretending } from '../support/directory_driver.js';
import { rejection } from '../support/rejection.js';
import { createSite, people, type Site } from '../unit/subsystems/identity/domains/site.js';

interface Victims {
  readonly user: string;
  readonly group: string;
}

/** Somebody of the tables of the service, and a group with all the roles one could wish for. */
async function victimsIn(site: Site, domainId: string): Promise<Victims> {
  const { identity } = site.providers;
  const root = { name: 'root', domain_id: domainId, password: 'secret' };
  const { id: user } = await identity.createUser(root, null);
  const { id: group } = await identity.createGroup({ name: 'admins', domain_id: domainId }, null);
  await identity.addUserToGroup(user, group, null);
  return { user, group };
}

describe('security: directories with ids of others', function limited() {
  this.timeout(120_000);
  let site: Site;
  afterEach(() => site.close());

  it('turn into nobody else when their domain is served by the tables again', async () => {
    site = await createSite({
      identity: ['domain_specific_drivers_enabled = true', 'domain_configurations_from_database = true'],
    });
    const { identity, domainConfig } = site.providers;
    const { user, group } = await victimsIn(site, 'default');
    const domainId = await site.domain('rented');
    const directory = await site.directory('rented', {
      users: [{ id: user, name: 'mallory', password: 'secret-mallory' }],
      groups: [{ id: group, name: 'mine', members: [user] }],
    });
    await domainConfig.createConfig(domainId, site.configOf(directory));
    const mallory = await identity.getUserByName('mallory', domainId);
    const mine = await identity.getGroupByName('mine', domainId);
    await identity.authenticate(mallory.id, 'secret-mallory', null);
    await domainConfig.deleteConfig(domainId);
    expect(await identity.userForToken(mallory.id)).to.equal(null);
    expect(await rejection(identity.getUser(mallory.id))).to.be.instanceOf(UserNotFound);
    expect(await identity.listGroupIdsForUser(mallory.id)).to.deep.equal([]);
    expect(await rejection(identity.authenticate(mallory.id, 'secret', null))).to.be.an('error');
    expect(await rejection(identity.getGroup(mine.id))).to.be.instanceOf(GroupNotFound);
    expect(await identity.listUserIdsInGroup(mine.id)).to.deep.equal([]);
    expect((await identity.listUserIdsInGroups([mine.id])).get(mine.id) ?? []).to.deep.equal([]);
    expect(await rejection(identity.addUserToGroup(user, mine.id, null))).to.be.instanceOf(GroupNotFound);
    expect(await rejection(identity.deleteUser(mallory.id, null))).to.be.instanceOf(UserNotFound);
    expect(await identity.getUser(user)).to.include({ name: 'root' });
    expect(await identity.listGroupIdsForUser(user)).to.deep.equal([group]);
  });

  it('are asked to refuse those whom they do not know, so that time does not tell who exists', async () => {
    site = await createSite({
      identity: ['domain_specific_drivers_enabled = true', 'domain_configurations_from_database = true'],
    });
    const { providers } = site;
    const domainId = await site.domain('rented');
    const directory = await site.directory('rented', { users: people('ann') });
    await providers.domainConfig.createConfig(domainId, site.configOf(directory));
    const user = { name: 'nobody', domain: { name: 'rented' } };
    const claim = await lookUpUser({ user }, 'password', providers);
    expect(claim).to.include({ userId: null, domainId });
    const before = pretending.length;
    await providers.identity.pretendToAuthenticate('secret', claim.domainId);
    expect(pretending.slice(before)).to.deep.equal([directory]);
    for (const elsewhere of [{ name: 'nobody', domain: { name: 'nowhere' } }, { id: 'nobody' }]) {
      const unknown = await lookUpUser({ user: elsewhere }, 'password', providers);
      expect(unknown).to.include({ userId: null, domainId: null });
      await providers.identity.pretendToAuthenticate('secret', unknown.domainId);
    }
    expect(pretending).to.have.length(before + 1);
  });

  it('have no way into the tables of a domain beside them', async () => {
    site = await createSite({
      identity: [`driver = ${DIRECTORY_PACKAGE}`, 'domain_specific_drivers_enabled = true'],
      ldap: ['url = FOLDER/main.json'],
    });
    const { identity } = site.providers;
    await site.directory('main', {});
    const domainId = await site.domain('service');
    await site.domainFile('service', ['[identity]', 'driver = sql']);
    const { user, group } = await victimsIn(site, domainId);
    await site.directory('main', {
      users: [...people('ann'), { id: user, name: 'mallory', password: 'secret-mallory' }],
      groups: [
        { id: group, name: 'mine', members: ['id-ann'] },
        { id: 'id-staff', name: 'staff', members: ['id-ann', user] },
      ],
    });
    expect(await identity.listGroupIdsForUser('id-ann')).to.deep.equal(['id-staff']);
    const groups = await identity.listGroupsForUser('id-ann', new Hints());
    expect(groups.map(({ id }) => id)).to.deep.equal(['id-staff']);
    expect(await identity.listUserIdsInGroup('id-staff')).to.deep.equal(['id-ann']);
    expect(await rejection(identity.getUserByName('mallory', 'default'))).to.be.instanceOf(UserNotFound);
    expect((await identity.listUsers(new Hints(), 'default')).map(({ id }) => id)).to.deep.equal(['id-ann']);
    expect(await identity.getUser(user)).to.include({ name: 'root', domain_id: domainId });
    expect(await identity.listGroupIdsForUser(user)).to.deep.equal([group]);
  });
});
