/** A directory as the standard driver, without drivers of domains. */
import { expect } from 'chai';
import { Conflict, DomainNotFound, UserNotFound } from '../../../../../src/common/errors.js';
import { Hints } from '../../../../../src/common/hints.js';
import { generatePublicId } from '../../../../../src/subsystems/id_mapping/generators/sha256.js';
import type { IdentityManager } from '../../../../../src/subsystems/identity/manager.js';
import { DIRECTORY_PACKAGE } from '../../../../support/directory_driver.js';
import { rejection } from '../../../../support/rejection.js';
import { createSite, people, type Site } from './site.js';

describe('identity/domains: a directory as the standard driver', () => {
  let site: Site;
  let identity: IdentityManager;
  afterEach(() => site.close());

  async function open(...mapping: string[]): Promise<void> {
    site = await createSite({
      identity: [`driver = ${DIRECTORY_PACKAGE}`],
      ldap: ['url = FOLDER/main.json'],
      identity_mapping: mapping,
    });
    ({ identity } = site.providers);
    await site.directory('main', {
      users: people('ann', 'bob'),
      groups: [{ id: 'id-staff', name: 'staff', members: ['id-ann'] }],
    });
  }

  it('shows its ids as they are, in the default domain, and asks the database nothing', async () => {
    await open();
    let users: readonly object[] = [];
    const asked = await site.statementsOf(async () => {
      users = await identity.listUsers(new Hints());
      await identity.userForToken('id-ann');
      await identity.listGroupIdsForUser('id-ann');
    });
    expect(asked).to.equal(0);
    expect(users.map((user) => ({ ...user }))).to.deep.include({
      id: 'id-ann',
      name: 'ann',
      domain_id: 'default',
      enabled: true,
      password_expires_at: null,
    });
    expect(await identity.listGroupIdsForUser('id-ann')).to.deep.equal(['id-staff']);
    expect(await site.providers.idMapping.count({})).to.equal(0);
  });

  it('gives those who sign in a row under the id that they have', async () => {
    await open();
    await identity.authenticate('id-ann', 'secret-ann', null);
    expect(await site.database.table('nonlocal_user').find()).to.deep.equal([
      { domain_id: 'default', name: 'ann', user_id: 'id-ann' },
    ]);
  });

  it('knows no other domain', async () => {
    await open();
    const other = await site.domain('other');
    expect(await rejection(identity.getUserByName('ann', other))).to.be.instanceOf(DomainNotFound);
    expect(await rejection(identity.createUser({ name: 'x', domain_id: other }, null))).to.be.instanceOf(
      DomainNotFound,
    );
    // What is asked for by the domain is not sorted out by it: there is only one.
    expect(await identity.listUsers(new Hints().addFilter('domain_id', other))).to.have.length(2);
    await site.providers.resource.updateDomain(other, { enabled: false }, null);
    await site.providers.resource.deleteDomain(other, null);
    expect(await identity.listUsers(new Hints())).to.have.length(2);
  });

  it('takes new users, whose names are its own matter', async () => {
    await open();
    const error = await rejection(identity.createUser({ name: 'ann', domain_id: 'default' }, null));
    expect(error).to.be.instanceOf(Conflict);
    const created = await identity.createUser({ name: 'eve', domain_id: 'default', password: 'p' }, null);
    await identity.authenticate(created.id, 'p', null);
  });

  it('has public ids when old ones need not be kept', async () => {
    await open('backward_compatible_ids = false');
    const id = generatePublicId({ domain_id: 'default', local_id: 'id-ann', entity_type: 'user' });
    expect(await rejection(identity.getUser(id))).to.be.instanceOf(UserNotFound);
    expect((await identity.listUsers(new Hints())).map((user) => user.id)).to.include(id);
    expect(await identity.getUser(id)).to.include({ id, name: 'ann', domain_id: 'default' });
    expect(await rejection(identity.getUser('id-ann'))).to.be.instanceOf(UserNotFound);
    await identity.authenticate(id, 'secret-ann', null);
    const [group] = await identity.listGroupIdsForUser(id);
    expect(group).to.match(/^[0-9a-f]{64}$/);
    expect((await identity.groupsByIds([group ?? ''])).get(group ?? '')).to.include({ name: 'staff' });
  });
});
