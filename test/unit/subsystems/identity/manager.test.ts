import { expect } from 'chai';
import {
  DomainNotFound,
  GroupNotFound,
  PasswordValidationError,
  Unauthorized,
  UserNotFound,
  ValidationError,
} from '../../../../src/common/errors.js';
import { Hints } from '../../../../src/common/hints.js';
import type { IdentityManager } from '../../../../src/subsystems/identity/manager.js';
import type { Attributes, Group, User } from '../../../../src/subsystems/identity/types.js';
import { withHeldClock } from '../../../support/held_clock.js';
import { rejection } from '../../../support/rejection.js';
import { type Deployment, deploy, settled } from './deployment.js';

describe('identity/manager', () => {
  let deployment: Deployment;
  let identity: IdentityManager;
  let count = 0;
  before(async () => {
    deployment = await deploy('password_regex = ^\\S{4,}$');
    identity = deployment.providers.identity;
  });
  after(() => deployment.close());

  function createUser(attributes: Attributes = {}): Promise<User> {
    count += 1;
    return identity.createUser({ name: `user-${count}`, domain_id: 'default', ...attributes }, null);
  }

  function createGroup(attributes: Attributes = {}): Promise<Group> {
    count += 1;
    return identity.createGroup({ name: `group-${count}`, domain_id: 'default', ...attributes }, null);
  }

  /** The events of what is done. */
  async function eventsOf(action: () => Promise<unknown>): Promise<string[]> {
    await settled();
    deployment.events.length = 0;
    await action();
    await settled();
    return [...deployment.events];
  }

  describe('creating a user', () => {
    it('fills in what is missing and cleans the name', async () => {
      const user = await createUser({ name: '  padded ', id: 'mine' });
      expect(user).to.include({
        name: 'padded',
        enabled: true,
        domain_id: 'default',
        password_expires_at: null,
      });
      expect(user.id).to.match(/^[0-9a-f]{32}$/);
    });

    it('refuses what the API refuses', async () => {
      for (const wrong of [{ name: ' ' }, { enabled: 'yes' }, { enabled: null }, { password: 7 }]) {
        expect(await rejection(createUser(wrong)), JSON.stringify(wrong)).to.be.instanceOf(ValidationError);
      }
      expect(await rejection(createUser({ domain_id: 'nowhere' }))).to.be.instanceOf(DomainNotFound);
      expect(await rejection(createUser({ password: 'abc' }))).to.be.instanceOf(PasswordValidationError);
    });

    it('takes any default project that is not a domain', async () => {
      expect(await createUser({ default_project_id: 'gone' })).to.include({ default_project_id: 'gone' });
      const error = await rejection(createUser({ default_project_id: 'default' }));
      expect(error)
        .to.be.instanceOf(ValidationError)
        .with.property('message')
        .that.contains('cannot be a domain ID');
    });

    it('is announced', async () => {
      let id = '';
      const events = await eventsOf(async () => {
        ({ id } = await createUser());
      });
      expect(events).to.deep.equal([`identity.user.created ${id}`]);
    });
  });

  describe('updating a user', () => {
    it('ends tokens when the password changes or the account is disabled, and only then', async () => {
      const { id } = await createUser({ password: 'secret' });
      const updated = `identity.user.updated ${id}`;
      const ended = `invalidate_user_tokens ${id}`;
      const eventsFor = (changes: Attributes): Promise<string[]> =>
        eventsOf(() => identity.updateUser(id, changes, null));
      expect(await eventsFor({ description: 'x' })).to.deep.equal([updated]);
      expect(await eventsFor({ enabled: true })).to.deep.equal([updated]);
      expect(await eventsFor({ password: 'other' })).to.have.members([updated, ended]);
      expect(await eventsFor({ enabled: false })).to.have.members([updated, ended]);
      expect(await eventsFor({ enabled: false })).to.deep.equal([updated]);
    });

    it('refuses another id, another domain, bad names and bad passwords', async () => {
      const { id } = await createUser();
      const refused = (changes: Attributes): Promise<Error> =>
        rejection(identity.updateUser(id, changes, null));
      expect(await refused({ id: 'other' })).to.be.instanceOf(ValidationError);
      expect(await refused({ domain_id: 'other' })).to.have.property('message', 'Cannot change Domain ID');
      expect(await refused({ name: '' })).to.be.instanceOf(ValidationError);
      expect(await refused({ password: 'a b' })).to.be.instanceOf(PasswordValidationError);
      expect(await refused({ default_project_id: 'default' })).to.be.instanceOf(ValidationError);
      expect(await rejection(identity.updateUser('nobody', { name: 'x' }, null))).to.be.instanceOf(
        UserNotFound,
      );
      expect(await identity.updateUser(id, { id, domain_id: 'default' }, null)).to.include({ id });
    });
  });

  describe('a change of the own password', () => {
    it('needs the old one and ends all tokens', async () => {
      const { id } = await createUser({ password: 'first' });
      const events = await eventsOf(() => identity.changePassword(id, 'first', 'second', null));
      expect(events).to.have.members([
        'identity.authenticate success',
        `identity.user.updated ${id}`,
        `invalidate_user_tokens ${id}`,
      ]);
      await identity.authenticate(id, 'second', null);
    });

    it('changes nothing when it is refused', async () => {
      const { id } = await createUser({ password: 'first' });
      const events = await eventsOf(async () => {
        expect(await rejection(identity.changePassword(id, 'wrong', 'second', null))).to.be.instanceOf(
          Unauthorized,
        );
        expect(await rejection(identity.changePassword(id, 'first', 'b d', null))).to.be.instanceOf(
          PasswordValidationError,
        );
      });
      expect(events).to.deep.equal(['identity.authenticate failure', 'identity.authenticate success']);
      await identity.authenticate(id, 'first', null);
    });
  });

  it('announces sign-ins that fail as well', async () => {
    const { id } = await createUser({ password: 'secret' });
    const events = await eventsOf(() => rejection(identity.authenticate(id, 'wrong', null)));
    expect(events).to.deep.equal(['identity.authenticate failure']);
  });

  it('pretends to authenticate without a trace', async () => {
    expect(await eventsOf(() => identity.pretendToAuthenticate('anything', null))).to.deep.equal([]);
  });

  describe('groups', () => {
    it('have an empty description unless one is given', async () => {
      expect((await createGroup()).description).to.equal('');
      expect((await createGroup({ description: null })).description).to.equal(null);
      expect((await createGroup({ description: 'd', name: ' padded ' })).name).to.equal('padded');
    });

    it('refuse what the API refuses', async () => {
      const { id } = await createGroup();
      expect(await rejection(createGroup({ name: 'g'.repeat(65) }))).to.be.instanceOf(ValidationError);
      expect(await rejection(createGroup({ domain_id: 'nowhere' }))).to.be.instanceOf(DomainNotFound);
      const moved = identity.updateGroup(id, { domain_id: 'other' }, null);
      expect(await rejection(moved)).to.have.property('message', 'Cannot change Domain ID');
    });

    it('are announced, with the members who come and go', async () => {
      const user = await createUser();
      let id = '';
      const events = await eventsOf(async () => {
        ({ id } = await createGroup());
        await identity.updateGroup(id, { description: 'd' }, null);
        await identity.addUserToGroup(user.id, id, null);
        await identity.removeUserFromGroup(user.id, id, null);
        await identity.addUserToGroup(user.id, id, null);
        await identity.deleteGroup(id, null);
      });
      const updated = `identity.group.updated ${id}`;
      expect(events.filter((event) => event.startsWith('identity'))).to.deep.equal([
        `identity.group.created ${id}`,
        updated,
        updated,
        updated,
        updated,
        `identity.group.deleted ${id}`,
      ]);
      const ended = events.filter((event) => event === `invalidate_user_tokens ${user.id}`);
      expect(ended, 'for leaving').to.have.length(1);
    });

    it('that are deleted end the tokens of all members', async () => {
      const group = await createGroup();
      const members = [await createUser(), await createUser(), await createUser()].map(({ id }) => id);
      for (const id of members) await identity.addUserToGroup(id, group.id, null);
      await withHeldClock(() => identity.deleteGroup(group.id, null));
      const events = await deployment.providers.revoke.list(undefined);
      const meant = events.flatMap(({ userId }) => userId ?? []).filter((id) => members.includes(id));
      expect(meant).to.have.members(members);
    });
  });

  it('lists with the limit of its section', async () => {
    const limited = await deploy('[identity]', 'list_limit = 2');
    for (const name of ['a', 'b', 'c']) {
      await limited.providers.identity.createUser({ name, domain_id: 'default' }, null);
    }
    const hints = new Hints();
    expect(await limited.providers.identity.listUsers(hints)).to.have.length(2);
    expect(hints.limit?.truncated).to.equal(true);
    await limited.close();
  });

  it('keeps to the domain of the caller unless the query names one', async () => {
    const scoped = new Hints();
    await identity.listUsers(scoped, 'elsewhere');
    expect(scoped.exact('domain_id')?.value).to.equal('elsewhere');
    const asked = new Hints().addFilter('domain_id', 'default');
    await identity.listGroups(asked, 'elsewhere');
    expect(asked.filters).to.have.length(1);
  });

  it('looks many up at once, unknown ones left out', async () => {
    const [user, group] = [await createUser(), await createGroup()];
    const users = await identity.usersByIds([user.id, 'nobody', user.id]);
    expect([...users.keys()]).to.deep.equal([user.id]);
    expect([...(await identity.groupsByIds([group.id, 'none'])).values()]).to.deep.equal([group]);
    expect((await identity.usersByIds([])).size).to.equal(0);
    expect(await identity.userForToken('nobody')).to.equal(null);
    expect(await identity.findUser('nobody')).to.equal(null);
    expect(await identity.findUser(user.id)).to.deep.equal(user);
  });

  it('tells whether a user may sign in', async () => {
    const user = await createUser();
    await identity.assertUserEnabled(user.id);
    await identity.updateUser(user.id, { enabled: false }, null);
    expect(await rejection(identity.assertUserEnabled(user.id))).to.be.instanceOf(Unauthorized);
    const elsewhere = { ...user, domain_id: 'nowhere' };
    expect(await rejection(identity.assertUserEnabled(user.id, elsewhere))).to.be.instanceOf(Unauthorized);
  });

  it('deletes what is in a domain, all or nothing', async () => {
    const { providers, notifications } = deployment;
    const domain = await providers.resource.createDomain({ name: 'short-lived' }, null);
    const user = await createUser({ domain_id: domain.id });
    const group = await createGroup({ domain_id: domain.id });
    let refuse = true;
    notifications.on('user', 'deleted', ({ id }) => {
      if (refuse && id === user.id) throw new Error('not now');
    });
    await rejection(identity.deleteDomainUsersAndGroups(domain.id));
    expect(await identity.getGroup(group.id)).to.deep.equal(group);
    refuse = false;
    await identity.deleteDomainUsersAndGroups(domain.id);
    expect(await rejection(identity.getGroup(group.id))).to.be.instanceOf(GroupNotFound);
    expect(await rejection(identity.getUser(user.id))).to.be.instanceOf(UserNotFound);
  });
});
