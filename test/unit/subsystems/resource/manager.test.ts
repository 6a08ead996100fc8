/** What the resource manager announces, refuses and undoes. */
import { expect } from 'chai';
import {
  Conflict,
  DomainNotFound,
  ForbiddenNotSecurity,
  ProjectNotFound,
  ValidationError,
} from '../../../../src/common/errors.js';
import { Hints } from '../../../../src/common/hints.js';
import type { Domain, Project } from '../../../../src/subsystems/resource/types.js';
import { withHeldClock } from '../../../support/held_clock.js';
import { rejection } from '../../../support/rejection.js';
import { type Deployment, deploy, settled } from '../identity/deployment.js';

describe('the resource manager', () => {
  let cloud: Deployment;
  let count = 0;
  before(async () => {
    cloud = await deploy('[DEFAULT]', 'domain_id_immutable = false', 'max_project_tree_depth = 4');
  });
  after(() => cloud.close());
  beforeEach(() => {
    cloud.events.length = 0;
  });

  const resources = (): Deployment['providers']['resource'] => cloud.providers.resource;
  const project = (attributes: object = {}): Promise<Project> =>
    resources().createProject({ name: `p-${(count += 1)}`, domain_id: 'default', ...attributes }, null);
  const domain = (attributes: object = {}): Promise<Domain> =>
    resources().createDomain({ name: `d-${(count += 1)}`, ...attributes }, null);
  const revoked = async (): Promise<string[]> =>
    (await cloud.providers.revoke.list(undefined)).map(
      ({ projectId = '', domainId = '' }) => projectId + domainId,
    );

  it('announces what becomes of projects and domains', async () => {
    const { id } = await project();
    await resources().updateProject(id, { description: 'd' }, null);
    await resources().deleteProject(id, null);
    const { id: domainId } = await domain();
    await resources().updateDomain(domainId, { enabled: false }, null);
    await resources().deleteDomain(domainId, null);
    await settled();
    expect(cloud.events).to.deep.equal([
      `identity.project.created ${id}`,
      `identity.project.updated ${id}`,
      `identity.project.deleted ${id}`,
      `identity.domain.created ${domainId}`,
      `identity.project.updated ${domainId}`,
      `identity.domain.updated ${domainId}`,
      `identity.domain.deleted ${domainId}`,
    ]);
  });

  it('announces nothing that did not come about', async () => {
    const { id, name } = await project();
    const other = await project();
    await settled();
    cloud.events.length = 0;
    const attempts = [
      () => project({ name }),
      () => project({ parent_id: 'nowhere' }),
      () => resources().updateProject(other.id, { name }, null),
      () => resources().updateProject(id, { parent_id: other.id }, null),
      () => resources().deleteDomain('default', null),
      () => resources().deleteProject('nowhere', null),
    ];
    for (const attempt of attempts) await rejection(attempt());
    await settled();
    expect(cloud.events).to.deep.equal([]);
  });

  it('ends tokens when a project or a domain is disabled or a project deleted, and only then', async () => {
    const { id } = await project();
    const { id: domainId } = await domain();
    await resources().updateProject(id, { description: 'd' }, null);
    expect(await revoked()).not.to.include(id);
    await withHeldClock(async () => {
      await resources().updateProject(id, { enabled: false }, null);
      await resources().updateProject(id, { enabled: false }, null);
      expect((await revoked()).filter((found) => found === id)).to.have.length(1);
      await resources().deleteProject(id, null);
      expect((await revoked()).filter((found) => found === id)).to.have.length(2);
    });
    await resources().updateDomain(domainId, { enabled: false }, null);
    expect(await revoked()).to.include(domainId);
  });

  it('deletes a domain with all that is in it, or nothing of it', async () => {
    const { id, name } = await domain({ enabled: false });
    const parent = await project({ domain_id: id, enabled: true }).catch((error: Error) => error);
    expect(parent).to.be.instanceOf(ValidationError);
    await resources().updateDomain(id, { enabled: true }, null);
    const top = await project({ domain_id: id });
    const leaf = await project({ domain_id: id, parent_id: top.id });
    const { identity, role, domainConfig, assignment } = cloud.providers;
    const user = await identity.createUser({ name: 'u', domain_id: id }, null);
    const local = await role.createRole({ name: 'r', domain_id: id }, null);
    await domainConfig.createConfig(id, { ldap: { url: 'x', password: 'y' } });
    const grant = { roleId: local.id, userId: user.id, groupId: null, inherited: false };
    await assignment.createGrant({ ...grant, projectId: null, domainId: id }, null);
    await assignment.createGrant({ ...grant, projectId: leaf.id, domainId: null }, null);
    await resources().updateDomain(id, { enabled: false }, null);
    await settled();
    cloud.events.length = 0;

    let isAgainst = true;
    cloud.notifications.on('domain', 'deleted', (event) => {
      if (isAgainst && event.id === id) throw new Error('not today');
    });
    expect((await rejection(resources().deleteDomain(id, null))).message).to.equal('not today');
    await settled();
    expect(cloud.events.filter((event) => event.startsWith('identity.'))).to.deep.equal([]);
    expect((await resources().getDomain(id)).name).to.equal(name);
    expect((await resources().getProject(leaf.id)).parent_id).to.equal(top.id);
    expect((await identity.getUser(user.id)).name).to.equal('u');
    expect((await role.getRole(local.id)).name).to.equal('r');
    expect(await domainConfig.getConfigWithSecrets(id)).to.deep.equal({ ldap: { url: 'x', password: 'y' } });

    isAgainst = false;
    await resources().deleteDomain(id, null);
    await settled();
    const leaves = cloud.events.filter((event) => event.startsWith('identity.project.deleted'));
    expect(leaves).to.deep.equal([
      `identity.project.deleted ${leaf.id}`,
      `identity.project.deleted ${top.id}`,
    ]);
    expect(await rejection(resources().getDomain(id))).to.be.instanceOf(DomainNotFound);
    for (const table of ['assignment', 'user', 'role', 'whitelisted_config', 'sensitive_config'] as const) {
      const text = JSON.stringify(await cloud.database.table(table).find({}));
      for (const gone of [id, leaf.id, user.id]) expect(text, table).not.to.contain(gone);
    }
  });

  it('disables, enables and deletes whole branches when asked to', async () => {
    const top = await project();
    const middle = await project({ parent_id: top.id });
    const leaf = await project({ parent_id: middle.id });
    const set = (enabled: boolean): Promise<Project> =>
      resources().updateProject(top.id, { enabled }, null, { cascade: true });
    const states = async (): Promise<boolean[]> =>
      (await resources().listProjectsFromIds([top.id, middle.id, leaf.id])).map(({ enabled }) => enabled);
    const withName = resources().updateProject(top.id, { enabled: false, name: 'x' }, null, {
      cascade: true,
    });
    expect(await rejection(withName)).to.be.instanceOf(ValidationError);
    await set(false);
    expect(await states()).to.deep.equal([false, false, false]);
    expect(await revoked()).to.include.members([top.id, middle.id, leaf.id]);
    await set(true);
    expect(await states()).to.deep.equal([true, true, true]);
    const early = resources().deleteProject(top.id, null, { cascade: true });
    expect(await rejection(early)).to.be.instanceOf(ForbiddenNotSecurity);
    await set(false);
    await resources().deleteProject(top.id, null, { cascade: true });
    expect(await resources().listProjectsFromIds([top.id, middle.id, leaf.id])).to.deep.equal([]);
  });

  it('moves a project to another domain, where that is allowed and it stands alone', async () => {
    const { id: other } = await domain();
    const alone = await project();
    const parent = await project();
    const child = await project({ parent_id: parent.id });
    const move = (id: string, domainId: string | null): Promise<Project> =>
      resources().updateProject(id, { domain_id: domainId }, null);
    for (const [id, to] of [
      [parent.id, other],
      [child.id, other],
      [alone.id, 'nowhere'],
      [alone.id, null],
      [alone.id, parent.id],
      [other, 'default'],
    ] as const) {
      expect(await rejection(move(id, to)), String(to)).to.be.instanceOf(ValidationError);
    }
    expect(await move(alone.id, other)).to.include({ domain_id: other, parent_id: other });
    await resources().createProject({ name: alone.name, domain_id: 'default' }, null);
    expect(await rejection(move(alone.id, 'default'))).to.be.instanceOf(Conflict);
  });

  it('lets projects be as deep as configured, the domain not counted', async () => {
    let parent = 'default';
    for (let depth = 1; depth <= 4; depth += 1) parent = (await project({ parent_id: parent })).id;
    expect(await rejection(project({ parent_id: parent }))).to.be.instanceOf(ForbiddenNotSecurity);
    expect(await resources().projectParentIds(parent))
      .to.have.length(4)
      .and.include('default');
  });

  it('makes the default domain where it is missing, and leaves it alone where it is not', async () => {
    await resources().ensureDefaultDomain();
    const before = await resources().getDomain('default');
    await resources().ensureDefaultDomain();
    expect(await resources().getDomain('default')).to.deep.equal(before);
    const listed = await resources().listDomains(new Hints().addFilter('name', 'Default'));
    expect(listed.map(({ id }) => id)).to.deep.equal(['default']);
  });

  it('takes projects and domains for what they are', async () => {
    const { id, name } = await project();
    expect(await rejection(resources().getDomain(id))).to.be.instanceOf(DomainNotFound);
    expect(await rejection(resources().getDomainByName(name))).to.be.instanceOf(DomainNotFound);
    expect(await rejection(resources().updateDomain(id, { name: 'x' }, null))).to.be.instanceOf(
      DomainNotFound,
    );
    expect(await rejection(resources().deleteDomain(id, null))).to.be.instanceOf(DomainNotFound);
    expect(await rejection(resources().getProjectByName(name, 'other'))).to.be.instanceOf(ProjectNotFound);
    const domains = await resources().listDomainsFromIds([id, 'default']);
    expect(domains.map((found) => found.id)).to.deep.equal(['default']);
  });
});
