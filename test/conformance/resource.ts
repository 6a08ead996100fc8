/** What every resource backend promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { Conflict, ForbiddenNotSecurity, ProjectNotFound } from '../../src/common/errors.js';
import { Hints } from '../../src/common/hints.js';
import { finishList } from '../../src/common/http/list.js';
import type { ResourceDriver } from '../../src/subsystems/resource/driver.js';
import type { Project } from '../../src/subsystems/resource/types.js';
import { rejection } from '../support/rejection.js';

/** @param driverOf gives the backend under test; the suite makes names of its own and leaves others alone */
export function resourceDriverSuite(driverOf: () => ResourceDriver): void {
  const unique = (name: string): string => `${name}-${uuidHex().slice(0, 12)}`;
  let domain: Project;
  beforeEach(async () => {
    domain = await createDomain();
  });

  function createDomain(attributes: Partial<Project> = {}): Promise<Project> {
    return driverOf().createProject({
      id: uuidHex(),
      name: unique('domain'),
      description: '',
      enabled: true,
      domain_id: null,
      parent_id: null,
      is_domain: true,
      ...attributes,
    });
  }

  function createProject(attributes: Partial<Project> = {}): Promise<Project> {
    return driverOf().createProject({
      id: uuidHex(),
      name: unique('project'),
      description: '',
      enabled: true,
      domain_id: domain.id,
      parent_id: domain.id,
      is_domain: false,
      ...attributes,
    });
  }

  const idsOf = (projects: readonly Project[]): string[] => projects.map(({ id }) => id);

  it('gives back what was stored: extra attributes, null, and no domain of domains', async () => {
    const extra = { owner: { list: [1, null, 'ü'] }, empty: null };
    const project = await createProject({ ...extra, description: null, enabled: false });
    expect(project).to.deep.include({ ...extra, description: null, enabled: false, domain_id: domain.id });
    expect(await driverOf().getProject(project.id)).to.deep.equal(project);
    expect(await driverOf().getProject(domain.id)).to.include({
      domain_id: null,
      parent_id: null,
      is_domain: true,
    });
  });

  it('finds projects by name in their domain, and domains by name alone', async () => {
    const project = await createProject();
    expect(await driverOf().getProjectByName(project.name, domain.id)).to.deep.equal(project);
    expect((await driverOf().getProjectByName(domain.name, null)).id).to.equal(domain.id);
    const other = await createDomain();
    for (const [name, of] of [
      [project.name, other.id],
      [project.name, null],
      [domain.name, domain.id],
    ] as const) {
      expect(await rejection(driverOf().getProjectByName(name, of))).to.be.instanceOf(ProjectNotFound);
    }
  });

  it('knows an id only as it is written', async () => {
    const { id } = await createProject({ id: uuidHex().replace(/^./, 'a') });
    for (const wrong of [id.toUpperCase(), `${id} `, 'nowhere', '']) {
      expect(await rejection(driverOf().getProject(wrong))).to.be.instanceOf(ProjectNotFound);
      expect(await driverOf().projectSummary(wrong)).to.equal(null);
      expect(await driverOf().domainSummary(wrong)).to.equal(null);
    }
  });

  it('says in one look-up what tokens need', async () => {
    const project = await createProject({ enabled: false });
    const own = { id: domain.id, name: domain.name, enabled: true };
    expect(await driverOf().projectSummary(project.id)).to.deep.equal({
      id: project.id,
      name: project.name,
      enabled: false,
      is_domain: false,
      domain_id: domain.id,
      domain: own,
    });
    expect(await driverOf().projectSummary(domain.id)).to.deep.equal({
      ...own,
      is_domain: true,
      domain_id: null,
      domain: null,
    });
    expect(await driverOf().domainSummary(domain.id)).to.deep.equal(own);
    expect(await driverOf().domainSummary(project.id)).to.equal(null);
  });

  it('lets a name be taken once in a domain', async () => {
    const [one, two] = [await createProject(), await createProject()];
    expect(await rejection(createProject({ name: one.name }))).to.be.instanceOf(Conflict);
    expect(await rejection(driverOf().updateProject(two.id, { name: one.name }))).to.be.instanceOf(Conflict);
    expect(await rejection(createDomain({ name: domain.name }))).to.be.instanceOf(Conflict);
    const other = await createDomain();
    const same = await createProject({ name: one.name, domain_id: other.id, parent_id: other.id });
    expect(same.name).to.equal(one.name);
    expect((await driverOf().getProject(two.id)).name).to.equal(two.name);
  });

  it('takes no project of a domain or a parent that is not there', async () => {
    expect(await rejection(createProject({ parent_id: uuidHex() }))).to.be.instanceOf(ProjectNotFound);
    expect(await rejection(createProject({ domain_id: uuidHex() }))).to.be.instanceOf(ProjectNotFound);
  });

  it('changes what is named, and keeps the rest', async () => {
    const project = await createProject({ owner: 'o', description: 'old' });
    const changed = await driverOf().updateProject(project.id, { description: null, cost: 7 });
    expect(changed).to.deep.equal({ ...project, description: null, cost: 7 });
    expect(await driverOf().getProject(project.id)).to.deep.equal(changed);
    const missing = driverOf().updateProject('nowhere', { name: 'x' });
    expect(await rejection(missing)).to.be.instanceOf(ProjectNotFound);
  });

  it('walks a hierarchy both ways', async () => {
    const top = await createProject({ name: unique('1-top') });
    const left = await createProject({ name: unique('2-left'), parent_id: top.id });
    const right = await createProject({ name: unique('3-right'), parent_id: top.id });
    const leaf = await createProject({ name: unique('4-leaf'), parent_id: left.id });
    const { listParents, listSubtree } = bound(driverOf());
    expect(await listParents(leaf.id)).to.deep.equal([left, top, domain]);
    expect(await listParents(domain.id)).to.deep.equal([]);
    expect(await listSubtree(domain.id)).to.deep.equal([top, left, right, leaf]);
    expect(await listSubtree(leaf.id)).to.deep.equal([]);
    expect(await listSubtree('nowhere')).to.deep.equal([]);
  });

  it('enables and disables many at once', async () => {
    const projects = [await createProject(), await createProject(), await createProject()];
    const [one, two] = idsOf(projects) as [string, string];
    await driverOf().setEnabled([one, two], false);
    await driverOf().setEnabled([], false);
    const { entities } = await list(new Hints().addFilter('domain_id', domain.id));
    expect(entities.filter(({ enabled }) => !enabled).map(({ id }) => id)).to.have.members([one, two]);
  });

  it('deletes leaves, and nothing that something belongs to', async () => {
    const top = await createProject();
    const leaf = await createProject({ parent_id: top.id });
    for (const id of [top.id, domain.id]) {
      expect(await rejection(driverOf().deleteProjects([id]))).to.be.instanceOf(ForbiddenNotSecurity);
    }
    await driverOf().deleteProjects([leaf.id, top.id, domain.id]);
    expect(await driverOf().listProjectsFromIds([leaf.id, top.id, domain.id])).to.deep.equal([]);
  });

  it('lists by filters, as far as the limit goes', async () => {
    const prefix = unique('List');
    const make = (name: string, more: Partial<Project> = {}): Promise<Project> =>
      createProject({ name: `${prefix}-${name}`, ...more });
    const [a, b, c] = [await make('a'), await make('b', { enabled: false }), await make('c', { cost: '7' })];
    const byPrefix = (): Hints => new Hints().addFilter('name', prefix, { comparator: 'startswith' });
    expect(idsOf((await list(byPrefix())).entities)).to.deep.equal([a.id, b.id, c.id]);
    expect(idsOf((await list(byPrefix().addFilter('enabled', 'false'))).entities)).to.deep.equal([b.id]);
    expect(idsOf((await list(byPrefix().addFilter('cost', '7'))).entities)).to.deep.equal([c.id]);
    expect(await list(byPrefix().setLimit(2))).to.deep.equal({ entities: [a, b], truncated: true });
    expect(await list(byPrefix().setLimit(3))).to.deep.equal({ entities: [a, b, c], truncated: false });
    const cut = await list(byPrefix().addFilter('cost', '7').setLimit(1));
    expect(cut).to.deep.equal({ entities: [c], truncated: false });
  });

  it('tells projects from domains, and shows the root of all to nobody', async () => {
    const root = '<<keystone.domain.root>>';
    const project = await createProject();
    const named = (name: string, isDomain: boolean): Hints =>
      new Hints().addFilter('name', name).addFilter('is_domain', isDomain);
    expect(idsOf((await list(named(domain.name, true))).entities)).to.deep.equal([domain.id]);
    expect(idsOf((await list(named(domain.name, false))).entities)).to.deep.equal([]);
    expect(idsOf((await list(named(project.name, true))).entities)).to.deep.equal([]);
    expect((await list(new Hints().addFilter('domain_id', root))).entities).to.deep.equal([]);
    expect(idsOf((await list(new Hints())).entities)).not.to.include(root);
    expect(await driverOf().listProjectsFromIds([root, project.id, project.id, 'nowhere'])).to.deep.equal([
      project,
    ]);
    expect(await driverOf().projectSummary(root)).to.equal(null);
    expect(await driverOf().domainSummary(root)).to.equal(null);
    for (const attempt of [driverOf().getProject(root), driverOf().getProjectByName(root, null)]) {
      expect(await rejection(attempt)).to.be.instanceOf(ProjectNotFound);
    }
  });

  async function list(hints: Hints): Promise<{ entities: readonly Project[]; truncated: boolean }> {
    return finishList(hints, await driverOf().listProjects(hints));
  }
}

function bound(driver: ResourceDriver): Pick<ResourceDriver, 'listParents' | 'listSubtree'> {
  return {
    listParents: (id) => driver.listParents(id),
    listSubtree: (id) => driver.listSubtree(id),
  };
}
