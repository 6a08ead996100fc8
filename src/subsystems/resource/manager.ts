/**
 * Projects and domains: the rules of the business. A domain is a project that acts as one.
 * Source: Identity API v3, Projects and Domains; Keystone 10.0.3 behaviour.
 */
import { uuidHex } from '../../common/crypto/random_ids.js';
import { DomainNotFound, ForbiddenNotSecurity, ProjectNotFound } from '../../common/errors.js';
import { Hints } from '../../common/hints.js';
import { limitList } from '../../common/http/list.js';
import type { Initiator } from '../../common/notifications/index.js';
import type { ManagerContext } from '../subsystem.js';
import type { ResourceDriver } from './driver.js';
import { ProjectRules } from './rules.js';
import { parentsAsIds, subtreeAsIds } from './tree.js';
import type { Domain, DomainSummary, IdTree, Project, ProjectSummary } from './types.js';

export class ResourceManager {
  private readonly rules: ProjectRules;

  constructor(
    private readonly driver: ResourceDriver,
    private readonly context: ManagerContext,
  ) {
    this.rules = new ProjectRules(driver, context.conf);
  }

  /** @throws ProjectNotFound */
  getProject(id: string): Promise<Project> {
    return this.driver.getProject(id);
  }

  /** @throws ProjectNotFound */
  getProjectByName(name: string, domainId: string): Promise<Project> {
    return this.driver.getProjectByName(name, domainId);
  }

  projectForToken(id: string): Promise<ProjectSummary | null> {
    return this.driver.projectSummary(id);
  }

  domainForToken(id: string): Promise<DomainSummary | null> {
    return this.driver.domainSummary(id);
  }

  async listProjects(hints: Hints): Promise<Project[]> {
    const { conf } = this.context;
    limitList(hints, conf.resource.list_limit, conf.DEFAULT.list_limit);
    return this.driver.listProjects(hints);
  }

  /** All of them, without domains and ordered by name: `list_limit` does not hold for lists that have pages (v2.0). */
  listProjectsInDomain(domainId: string): Promise<Project[]> {
    return this.driver.listProjects(
      new Hints().addFilter('domain_id', domainId).addFilter('is_domain', false),
    );
  }

  listProjectsFromIds(ids: readonly string[]): Promise<Project[]> {
    return this.driver.listProjectsFromIds(ids);
  }

  /**
   * Create a project, or a domain when `is_domain` is true.
   * @param id generated when absent
   * @throws ValidationError, DomainNotFound, ProjectNotFound (parent), ForbiddenNotSecurity (depth), Conflict
   */
  async createProject(
    attributes: Readonly<Record<string, unknown>>,
    initiator: Initiator | null,
    id: string = uuidHex(),
  ): Promise<Project> {
    return this.context.transaction(async () => {
      const project = await this.rules.checkNew(id, attributes);
      const created = await this.driver.createProject(project);
      await this.context.notifications.created(created.is_domain ? 'domain' : 'project', id, initiator);
      return created;
    });
  }

  /**
   * @param cascade enable or disable all descendants too; nothing else may change then
   * @throws ProjectNotFound, ValidationError, ForbiddenNotSecurity, Conflict
   */
  async updateProject(
    id: string,
    changes: Partial<Project>,
    initiator: Initiator | null,
    { cascade = false } = {},
  ): Promise<Project> {
    const { notifications } = this.context;
    return this.context.transaction(async () => {
      const original = await this.driver.getProject(id);
      const checked = await this.rules.checkChanges(original, changes, cascade);
      const disabled = original.enabled && checked.enabled === false;
      if (disabled) await notifications.disabled('project', id);
      if (cascade) await this.setEnabledBelow(id, checked.enabled ?? original.enabled);
      const updated = await this.driver.updateProject(id, checked);
      await notifications.updated('project', id, initiator);
      if (original.is_domain) {
        await notifications.updated('domain', id, initiator);
        if (disabled) await notifications.disabled('domain', id);
      }
      return updated;
    });
  }

  /**
   * Delete a leaf project with all that is granted on it and all credentials for it; a domain as deleteDomain does.
   * @param cascade delete all descendants too, which must be disabled
   * @throws ProjectNotFound; ForbiddenNotSecurity when it has children, or enabled ones
   */
  async deleteProject(id: string, initiator: Initiator | null, { cascade = false } = {}): Promise<void> {
    const project = await this.driver.getProject(id);
    if (project.is_domain) return this.deleteDomain(id, initiator);
    await this.context.transaction(async () => {
      const subtree = await this.driver.listSubtree(id);
      this.rules.checkDeletion(id, subtree, cascade);
      await this.removeProjects([...subtree.map((below) => below.id).reverse(), id], initiator);
    });
  }

  /** All ancestors, nearest first, the domain last. With a user, only those the user has a role on. */
  async listProjectParents(id: string, userId?: string): Promise<Project[]> {
    await this.driver.getProject(id);
    return this.visibleTo(await this.driver.listParents(id), userId);
  }

  /** All descendants, parents first. With a user, only those the user has a role on. */
  async listProjectsInSubtree(id: string, userId?: string): Promise<Project[]> {
    await this.driver.getProject(id);
    return this.visibleTo(await this.driver.listSubtree(id), userId);
  }

  async parentsAsIds(project: Project): Promise<IdTree | null> {
    return parentsAsIds(project, await this.driver.listParents(project.id));
  }

  async subtreeAsIds(id: string): Promise<IdTree | null> {
    return subtreeAsIds(id, await this.driver.listSubtree(id));
  }

  async projectParentIds(id: string): Promise<string[]> {
    return (await this.driver.listParents(id)).map((project) => project.id);
  }

  /** @throws DomainNotFound */
  async getDomain(id: string): Promise<Domain> {
    return asDomain(await domainErrors(id, this.driver.getProject(id)));
  }

  /** @throws DomainNotFound */
  async getDomainByName(name: string): Promise<Domain> {
    return asDomain(await domainErrors(name, this.driver.getProjectByName(name, null)));
  }

  async listDomains(hints: Hints): Promise<Domain[]> {
    const { conf } = this.context;
    hints.addFilter('is_domain', true);
    limitList(hints, conf.resource.list_limit, conf.DEFAULT.list_limit);
    return (await this.driver.listProjects(hints)).map(asDomain);
  }

  async listDomainsFromIds(ids: readonly string[]): Promise<Domain[]> {
    return (await this.driver.listProjectsFromIds(ids)).filter((project) => project.is_domain).map(asDomain);
  }

  /** @throws ValidationError, Conflict */
  async createDomain(
    attributes: Readonly<Record<string, unknown>>,
    initiator: Initiator | null,
    id?: string,
  ): Promise<Domain> {
    const { domain_id: _domain, parent_id: _parent, ...own } = attributes;
    return asDomain(await this.createProject({ ...own, is_domain: true }, initiator, id));
  }

  /** @throws DomainNotFound, ValidationError, Conflict */
  async updateDomain(id: string, changes: Partial<Domain>, initiator: Initiator | null): Promise<Domain> {
    await this.getDomain(id);
    // What only projects have is no part of a domain, whatever is sent.
    const { domain_id: _domain, parent_id: _parent, is_domain: _is, ...own } = changes;
    return asDomain(await this.updateProject(id, own, initiator));
  }

  /**
   * Delete a disabled domain with its users, groups, projects, roles and configuration: all or nothing.
   * @throws DomainNotFound; ForbiddenNotSecurity while it is enabled
   */
  async deleteDomain(id: string, initiator: Initiator | null): Promise<void> {
    const { providers, notifications } = this.context;
    await this.context.transaction(async () => {
      const domain = await this.getDomain(id);
      if (domain.enabled) {
        throw new ForbiddenNotSecurity('Cannot delete a domain that is enabled, please disable it first.');
      }
      await providers.identity.deleteDomainUsersAndGroups(id);
      const leavesFirst = (await this.driver.listSubtree(id)).map((project) => project.id).reverse();
      await this.removeProjects(leavesFirst, null);
      await providers.assignment.deleteDomainAssignments(id);
      await providers.domainConfig.deleteDomain(id);
      await this.driver.deleteProjects([id]);
      await notifications.deleted('domain', id, initiator);
    });
  }

  /** The domain that v2.0 works in, made when it is missing. */
  async ensureDefaultDomain(): Promise<void> {
    const id = this.context.conf.identity.default_domain_id;
    if ((await this.driver.domainSummary(id)) !== null) return;
    const description = 'Domain created automatically to support V2.0 operations.';
    await this.createDomain({ name: 'Default', description }, null, id);
  }

  private async removeProjects(ids: readonly string[], initiator: Initiator | null): Promise<void> {
    const { providers, notifications } = this.context;
    for (const id of ids) {
      await providers.assignment.deleteProjectAssignments(id);
      await providers.credential.deleteCredentialsForProject(id);
      await notifications.deleted('project', id, initiator);
    }
    await this.driver.deleteProjects(ids);
  }

  private async setEnabledBelow(id: string, enabled: boolean): Promise<void> {
    const changed = (await this.driver.listSubtree(id)).filter((project) => project.enabled !== enabled);
    if (!enabled) {
      for (const project of changed) await this.context.notifications.disabled('project', project.id);
    }
    await this.driver.setEnabled(
      changed.map((project) => project.id),
      enabled,
    );
  }

  private async visibleTo(projects: Project[], userId: string | undefined): Promise<Project[]> {
    if (userId === undefined) return projects;
    const own = await this.context.providers.assignment.listProjectsForUser(userId, new Hints());
    const ids = new Set(own.map((project) => project.id));
    return projects.filter((project) => ids.has(project.id));
  }
}

function asDomain(project: Project): Domain {
  if (!project.is_domain) throw new DomainNotFound({ domain_id: project.id });
  const { parent_id: _parent, domain_id: _domain, is_domain: _is, ...domain } = project;
  return domain;
}

async function domainErrors(domainId: string, project: Promise<Project>): Promise<Project> {
  try {
    return await project;
  } catch (error) {
    if (error instanceof ProjectNotFound) throw new DomainNotFound({ domain_id: domainId }, { cause: error });
    throw error;
  }
}
