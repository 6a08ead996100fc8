/** Authentication against what happens meanwhile, and under options that only the managers see. */
import { expect } from 'chai';
import { NotFound, Unauthorized } from '../../../../src/common/errors.js';
import type { TokenModel } from '../../../../src/common/token_model.js';
import type { User } from '../../../../src/subsystems/identity/types.js';
import { type HeldClock, holdClock } from '../../../support/held_clock.js';
import { rejection } from '../../../support/rejection.js';
import { type Deployment, deploy } from '../identity/deployment.js';
import { authRequest } from './request.js';

/** Early in a second, and this second stays until the clock is told otherwise. */
function earlyInASecond(): HeldClock {
  const clock = holdClock();
  clock.advance(1100 - (Date.now() % 1000));
  return clock;
}

describe('the auth manager', () => {
  let cloud: Deployment;
  let user: User;
  let count = 0;
  let clock: HeldClock | undefined;
  before(async () => {
    cloud = await deploy();
  });
  after(() => cloud.close());
  afterEach(() => {
    clock?.release();
    clock = undefined;
    Reflect.deleteProperty(cloud.providers.revoke, 'eventsFor');
  });
  beforeEach(async () => {
    user = await cloud.providers.identity.createUser(
      { name: `user-${(count += 1)}`, domain_id: 'default', password: 'first' },
      null,
    );
  });

  const signIn = (password: string, scope: object = { unscoped: {} }, id = user.id): Promise<TokenModel> =>
    cloud.providers.auth.authenticate(
      authRequest({
        identity: { methods: ['password'], password: { user: { id, password } } },
        scope,
      }),
    );
  const rescope = (id: string, scope: object): Promise<TokenModel> =>
    cloud.providers.auth.authenticate(
      authRequest({ identity: { methods: ['token'], token: { id } }, scope }),
    );
  const setPassword = (password: string): Promise<User> =>
    cloud.providers.identity.updateUser(user.id, { password }, null);

  /** Until a token that is about to be issued has met an event: what it is issued on was proven before. */
  async function untilMet(
    attempt: () => Promise<TokenModel>,
  ): Promise<{ readonly waiting: Promise<TokenModel> }> {
    const { revoke } = cloud.providers;
    const eventsFor = revoke.eventsFor.bind(revoke);
    const met = new Promise<void>((resolve) => {
      revoke.eventsFor = async (subject) => {
        const events = await eventsFor(subject);
        if (events.length > 0) resolve();
        return events;
      };
    });
    const waiting = attempt();
    await Promise.race([met, waiting]);
    return { waiting };
  }

  async function projectOf(userId: string): Promise<string> {
    const { resource, role, assignment } = cloud.providers;
    const project = await resource.createProject({ name: `p-${(count += 1)}`, domain_id: 'default' }, null);
    const { id: roleId } = await role.createRole({ name: `r-${(count += 1)}` }, null);
    await assignment.createGrant(
      { roleId, userId, groupId: null, projectId: project.id, domainId: null, inherited: false },
      null,
    );
    return project.id;
  }

  it('waits for the next second where an event of this one would hit the new token', async () => {
    clock = earlyInASecond();
    await setPassword('second');
    const changed = Math.floor(Date.now() / 1000);
    const { waiting } = await untilMet(() => signIn('second'));
    clock.advance(1000);
    const token = await waiting;
    expect(Math.floor(token.issuedAt / 1000)).to.equal(changed + 1);
    expect((await cloud.providers.token.validateToken(token.id)).body.user.id).to.equal(user.id);
  });

  it('asks for the password again after such a wait', async () => {
    clock = earlyInASecond();
    await setPassword('second');
    const { waiting } = await untilMet(() => signIn('second'));
    await setPassword('third');
    clock.advance(1000);
    expect(await rejection(waiting)).to.be.instanceOf(Unauthorized);
  });

  it('asks for the parent token again after such a wait', async () => {
    const project = await projectOf(user.id);
    const parent = await signIn('first');
    clock = earlyInASecond();
    await cloud.providers.revoke.revoke({ projectId: project });
    const { waiting } = await untilMet(() => rescope(parent.id, { project: { id: project } }));
    await cloud.providers.token.revokeToken(parent.id);
    clock.advance(1000);
    expect(await rejection(waiting)).to.be.instanceOf(NotFound);
  });

  it('refuses what is revoked by an event far ahead, instead of waiting for it', async () => {
    const driver = cloud.database.table('revocation_event');
    const ahead = new Date(Date.now() + 60_000);
    await driver.insert({ user_id: user.id, issued_before: ahead, revoked_at: ahead });
    expect(await rejection(signIn('first'))).to.be.instanceOf(Unauthorized);
  });

  it('takes no default project that acts as a domain', async () => {
    const domain = await cloud.providers.resource.createDomain({ name: `d-${(count += 1)}` }, null);
    await cloud.database.table('user').update({ id: user.id }, { default_project_id: domain.id });
    const token = await cloud.providers.auth.authenticate(
      authRequest({
        identity: { methods: ['password'], password: { user: { id: user.id, password: 'first' } } },
      }),
    );
    expect(token.body).not.to.have.any.keys('project', 'domain');
  });

  it('looks up what a request calls its scope once, until anything changes', async () => {
    const { resource } = cloud.providers;
    const { name, domain_id: domainId } = await resource.getProject(await projectOf(user.id));
    const scope = { project: { name, domain: { id: domainId } } };
    const parent = await signIn('first');
    await rescope(parent.id, scope);
    const lookUp = resource.getProjectByName.bind(resource);
    let looks = 0;
    resource.getProjectByName = (...named) => {
      looks += 1;
      return lookUp(...named);
    };
    try {
      await rescope(parent.id, scope);
      await rescope(parent.id, scope);
      expect(looks).to.equal(0);
      await cloud.database.table('region').insert({ id: `r-${(count += 1)}`, description: '' });
      await rescope(parent.id, scope);
      expect(looks).to.equal(1);
    } finally {
      Reflect.deleteProperty(resource, 'getProjectByName');
    }
  });

  it('sees at once that a name means another project, or none, whoever changed it', async () => {
    const [first, second] = [await projectOf(user.id), await projectOf(user.id)];
    const { name } = await cloud.providers.resource.getProject(first);
    const scope = { project: { name, domain: { name: 'Default' } } };
    const parent = await signIn('first');
    const projects = cloud.database.table('project');
    expect((await rescope(parent.id, scope)).body.project?.id).to.equal(first);
    await projects.update({ id: first }, { name: `${name}-before` });
    expect(await rejection(rescope(parent.id, scope))).to.be.instanceOf(Unauthorized);
    await projects.update({ id: second }, { name });
    expect((await rescope(parent.id, scope)).body.project?.id).to.equal(second);
    await projects.update({ id: 'default' }, { enabled: false });
    expect(await rejection(rescope(parent.id, scope))).to.be.instanceOf(NotFound);
    await projects.update({ id: 'default' }, { enabled: true });
    expect((await rescope(parent.id, scope)).body.project?.id).to.equal(second);
  });
});

describe('the auth manager with strict names', () => {
  it('refuses scopes by names that are not safe in URLs, and takes the same by their ids', async () => {
    const cloud = await deploy(
      '[resource]',
      'project_name_url_safe = strict',
      'domain_name_url_safe = strict',
    );
    try {
      const { resource, identity, role, assignment, auth } = cloud.providers;
      const domain = await resource.createDomain({ name: 'safe' }, null);
      const project = await resource.createProject({ name: 'safe', domain_id: domain.id }, null);
      const user = await identity.createUser({ name: 'u', domain_id: 'default', password: 'p' }, null);
      const { id: roleId } = await role.createRole({ name: 'r' }, null);
      for (const target of [{ projectId: project.id }, { domainId: domain.id }]) {
        const grant = { roleId, userId: user.id, groupId: null, inherited: false };
        await assignment.createGrant({ projectId: null, domainId: null, ...grant, ...target }, null);
      }
      // As they were before the option was set.
      for (const { id } of [domain, project]) {
        await cloud.database.table('project').update({ id }, { name: 'not/safe' });
      }
      const identityPart = {
        methods: ['password'],
        password: { user: { id: user.id, password: 'p' } },
      };
      const attempt = (scope: object): Promise<TokenModel> =>
        auth.authenticate(authRequest({ identity: identityPart, scope }));
      for (const scope of [
        { project: { name: 'not/safe', domain: { id: domain.id } } },
        { domain: { name: 'not/safe' } },
      ]) {
        expect(await rejection(attempt(scope))).to.be.instanceOf(Unauthorized);
      }
      expect((await attempt({ project: { id: project.id } })).body.project?.name).to.equal('not/safe');
      expect((await attempt({ domain: { id: domain.id } })).body.domain?.name).to.equal('not/safe');
    } finally {
      await cloud.close();
    }
  });
});
