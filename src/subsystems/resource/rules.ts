/** What a new or changed project must satisfy. Source: Identity API v3, Projects; Keystone 10.0.3 behaviour. */
import { ForbiddenNotSecurity, ValidationError } from '../../common/errors.js';
import { isUrlSafe } from '../../common/url_safe.js';
import type { Conf } from '../../conf/index.js';
import type { ResourceDriver } from './driver.js';
import type { Project } from './types.js';

export class ProjectRules {
  constructor(
    private readonly driver: ResourceDriver,
    private readonly conf: Conf,
  ) {}

  /**
   * The complete project that a creation asks for.
   * @throws ValidationError, ProjectNotFound (parent or domain), ForbiddenNotSecurity (tree too deep)
   */
  async checkNew(id: string, attributes: Readonly<Record<string, unknown>>): Promise<Project> {
    const { extra: _extra, ...own } = attributes;
    const isDomain = own['is_domain'] === true;
    const name = cleanName(own['name'], isDomain ? 'Domain' : 'Project');
    this.checkUrlSafety(name, isDomain);
    const domainId = (own['domain_id'] as string | null | undefined) || null;
    const project: Project = {
      ...own,
      id,
      name,
      domain_id: domainId,
      parent_id: (own['parent_id'] as string | null | undefined) || domainId,
      is_domain: isDomain,
      enabled: own['enabled'] !== false,
      description: own['description'] === undefined ? '' : (own['description'] as string | null),
    };
    if (isDomain) this.checkDomain(project);
    else await this.checkPlace(project);
    return project;
  }

  /**
   * The changes, cleaned.
   * @param cascade whether descendants are enabled or disabled with the project
   * @throws ValidationError, ForbiddenNotSecurity
   */
  async checkChanges(
    original: Project,
    changes: Partial<Project>,
    cascade: boolean,
  ): Promise<Partial<Project>> {
    const { extra: _extra, ...checked } = changes;
    if (cascade && Object.keys(checked).some((key) => key !== 'enabled' && checked[key] !== original[key])) {
      throw new ValidationError('Cascade update is only allowed for enabled attribute.');
    }
    if (checked.name !== undefined && checked.name !== original.name) {
      const name = cleanName(checked.name, original.is_domain ? 'Domain' : 'Project');
      this.checkUrlSafety(name, original.is_domain);
      if (original.is_domain) this.checkNotFederated(original.id, name);
      Object.assign(checked, { name });
    }
    if ('parent_id' in checked && checked.parent_id !== original.parent_id) {
      throw new ForbiddenNotSecurity('Update of `parent_id` is not allowed.');
    }
    if ('is_domain' in checked && checked.is_domain !== original.is_domain) {
      throw new ValidationError('Update of `is_domain` is not allowed.');
    }
    await this.checkDomainChange(original, checked);
    await this.checkEnabledChange(original, checked, cascade);
    return checked;
  }

  /** @param subtree all descendants @throws ForbiddenNotSecurity */
  checkDeletion(id: string, subtree: readonly Project[], cascade: boolean): void {
    if (!cascade && subtree.length > 0) {
      throw new ForbiddenNotSecurity(
        `Cannot delete the project ${id} since it is not a leaf in the hierarchy. Use the cascade option if you` +
          ' want to delete a whole subtree.',
      );
    }
    if (subtree.some((project) => project.enabled)) {
      throw new ForbiddenNotSecurity(
        `Cannot delete project ${id} since its subtree contains enabled projects.`,
      );
    }
  }

  private async checkDomainChange(original: Project, changes: Partial<Project>): Promise<void> {
    if (!('domain_id' in changes) || changes.domain_id === original.domain_id) return;
    if (this.conf.DEFAULT.domain_id_immutable) throw new ValidationError('Cannot change Domain ID');
    if (original.is_domain) {
      throw new ValidationError('Update of domain_id of projects acting as domains is not allowed.');
    }
    if (original.parent_id !== original.domain_id) {
      throw new ValidationError('Update of domain_id is only allowed for root projects.');
    }
    if ((await this.driver.listSubtree(original.id)).length > 0) {
      throw new ValidationError('Cannot update domain_id of a project that has children.');
    }
    if (
      typeof changes.domain_id !== 'string' ||
      (await this.driver.domainSummary(changes.domain_id)) === null
    ) {
      throw new ValidationError(`Could not find domain: ${String(changes.domain_id)}`);
    }
    Object.assign(changes, { parent_id: changes.domain_id });
  }

  private async checkEnabledChange(
    original: Project,
    changes: Partial<Project>,
    cascade: boolean,
  ): Promise<void> {
    if (changes.enabled === undefined || changes.enabled === original.enabled) return;
    if (changes.enabled) {
      const parents = await this.driver.listParents(original.id);
      if (parents.some((parent) => !parent.enabled)) {
        throw new ForbiddenNotSecurity(`Cannot enable project ${original.id} since it has disabled parents`);
      }
      return;
    }
    // Disabling a domain disables what is in it; a project's children must have been disabled before.
    if (original.is_domain || cascade) return;
    const subtree = await this.driver.listSubtree(original.id);
    if (subtree.some((project) => project.enabled)) {
      throw new ForbiddenNotSecurity(
        `Cannot disable project ${original.id} since its subtree contains enabled projects.`,
      );
    }
  }

  private checkDomain(project: Project): void {
    this.checkNotFederated(project.id, project.name);
    if (project.parent_id !== null) {
      throw new ValidationError('only root projects are allowed to act as domains.');
    }
  }

  private checkNotFederated(id: string, name: string): void {
    const reserved = this.conf.federation.federated_domain_name.toLowerCase();
    if (name.toLowerCase() === reserved) throw new ValidationError(`Domain cannot be named ${name}`);
    if (id.toLowerCase() === reserved) throw new ValidationError(`Domain cannot have ID ${id}`);
  }

  private async checkPlace(project: Project): Promise<void> {
    const { domain_id: domainId, parent_id: parentId } = project;
    if (domainId === null || parentId === null || (await this.driver.domainSummary(domainId)) === null) {
      throw new ValidationError(`Could not find domain: ${domainId ?? ''}`);
    }
    const parent = await this.driver.getProject(parentId);
    const parentDomainId = parent.is_domain ? parent.id : parent.domain_id;
    if (parentDomainId !== domainId) {
      throw new ValidationError(
        parent.is_domain
          ? `Cannot create project, since its parent (${domainId}) is acting as a domain, but project's specified` +
              ` parent_id (${parentId}) does not match this domain_id.`
          : `Cannot create project, since it specifies its owner as domain ${domainId}, but specifies a parent in a` +
              ` different domain (${String(parentDomainId)}).`,
      );
    }
    const branch = [parent, ...(await this.driver.listParents(parentId))];
    const disabled = branch.find((ancestor) => !ancestor.enabled);
    if (disabled !== undefined) {
      throw new ValidationError(
        `cannot create a project in a branch containing a disabled project: ${disabled.id}`,
      );
    }
    // The branch holds the domain, which the limit does not count.
    if (branch.length > this.conf.DEFAULT.max_project_tree_depth) {
      throw new ForbiddenNotSecurity(`Max hierarchy depth reached for ${parentId} branch.`);
    }
  }

  private checkUrlSafety(name: string, isDomain: boolean): void {
    const { domain_name_url_safe: domains, project_name_url_safe: projects } = this.conf.resource;
    if ((isDomain ? domains : projects) === 'off' || isUrlSafe(name)) return;
    const reserved = [...new Set(name.match(/[:/?#[\]@!$&'()*+,;=]/g))].join('');
    throw new ValidationError(
      `${isDomain ? 'Domain' : 'Project'} name cannot contain the following reserved characters: ${reserved}`,
    );
  }
}

function cleanName(name: unknown, kind: string): string {
  const text = typeof name === 'string' ? name.trim() : '';
  if (text === '') throw new ValidationError(`${kind} name cannot be empty`);
  return text;
}
