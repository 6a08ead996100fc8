/** HTTP ↔ manager for projects and domains. */

import { NotFound, ValidationError } from '../../common/errors.js';
import { requireMatchingId } from '../../common/http/checks.js';
import { domainOfRequest } from '../../common/http/domain_of_request.js';
import { wrapCollection, wrapMember } from '../../common/http/links.js';
import { finishList } from '../../common/http/list.js';
import { buildHints } from '../../common/http/query.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult, TargetMembers } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { Conf } from '../../conf/index.js';
import type { ResourceManager } from './manager.js';
import { presentHierarchy, presentUpdatedProject } from './presenter.js';
import type { Domain, Project } from './types.js';

export const DOMAIN_FILTERS = ['enabled', 'name'] as const;
export const PROJECT_FILTERS = ['domain_id', 'enabled', 'name', 'parent_id', 'is_domain'] as const;

export class DomainController {
  constructor(private readonly resources: ResourceManager) {}

  target = async (request: ApiRequest): Promise<TargetMembers> => ({
    domain: await this.resources.getDomain(request.params['domain_id'] as string),
  });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const { id: _id, ...attributes } = request.body['domain'] as unknown as Domain;
    const domain = await this.resources.createDomain(attributes, initiatorOf(request));
    return created(wrapMember(request.links, 'domain', '/domains', domain));
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, DOMAIN_FILTERS);
    const { entities, truncated } = finishList(hints, await this.resources.listDomains(hints));
    return ok(wrapCollection(request.links, 'domains', '/domains', entities, truncated));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const domain = await this.resources.getDomain(request.params['domain_id'] as string);
    return ok(wrapMember(request.links, 'domain', '/domains', domain));
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['domain_id'] as string;
    const changes = request.body['domain'] as unknown as Partial<Domain>;
    requireMatchingId(id, changes);
    const domain = await this.resources.updateDomain(id, changes, initiatorOf(request));
    return ok(wrapMember(request.links, 'domain', '/domains', domain));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.resources.deleteDomain(request.params['domain_id'] as string, initiatorOf(request));
    return noContent();
  };
}

export class ProjectController {
  constructor(
    private readonly resources: ResourceManager,
    private readonly conf: Conf,
  ) {}

  target = async (request: ApiRequest): Promise<TargetMembers> => ({
    project: await this.resources.getProject(request.params['project_id'] as string),
  });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const { id: _id, ...attributes } = request.body['project'] as unknown as Project;
    const domainId = attributes.is_domain
      ? attributes.domain_id
      : attributes.domain_id || domainOfRequest(request, this.conf);
    try {
      const project = await this.resources.createProject(
        { ...attributes, domain_id: domainId },
        initiatorOf(request),
      );
      return created(wrapMember(request.links, 'project', '/projects', project));
    } catch (error) {
      // What is not found is the parent or the domain that the body names.
      if (error instanceof NotFound) throw new ValidationError(error.message, { cause: error });
      throw error;
    }
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, PROJECT_FILTERS);
    // Domains are listed only on request.
    if (!request.query.has('is_domain')) hints.addFilter('is_domain', false);
    const { entities, truncated } = finishList(hints, await this.resources.listProjects(hints));
    return ok(wrapCollection(request.links, 'projects', '/projects', entities, truncated));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const project = await this.resources.getProject(request.params['project_id'] as string);
    const hierarchy = await this.hierarchy(request, project);
    return ok(wrapMember(request.links, 'project', '/projects', { ...project, ...hierarchy }));
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['project_id'] as string;
    const changes = request.body['project'] as unknown as Partial<Project>;
    requireMatchingId(id, changes);
    const project = await this.resources.updateProject(id, changes, initiatorOf(request));
    return ok(wrapMember(request.links, 'project', '/projects', presentUpdatedProject(project)));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.resources.deleteProject(request.params['project_id'] as string, initiatorOf(request));
    return noContent();
  };

  private async hierarchy(request: ApiRequest, project: Project): Promise<object> {
    const { query, links, context } = request;
    for (const kind of ['parents', 'subtree']) {
      if (query.flag(`${kind}_as_list`) && query.flag(`${kind}_as_ids`)) {
        throw new ValidationError(
          `Cannot use ${kind}_as_list and ${kind}_as_ids query params at the same time.`,
        );
      }
    }
    const { resources } = this;
    const userId = context.auth?.userId ?? undefined;
    return {
      ...(query.flag('parents_as_list') && {
        parents: presentHierarchy(links, await resources.listProjectParents(project.id, userId)),
      }),
      ...(query.flag('parents_as_ids') && { parents: await resources.parentsAsIds(project) }),
      ...(query.flag('subtree_as_list') && {
        subtree: presentHierarchy(links, await resources.listProjectsInSubtree(project.id, userId)),
      }),
      ...(query.flag('subtree_as_ids') && { subtree: await resources.subtreeAsIds(project.id) }),
    };
  }
}
