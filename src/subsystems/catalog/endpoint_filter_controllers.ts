/** HTTP ↔ manager for the endpoints of single projects (OS-EP-FILTER). */
import { ValidationError } from '../../common/errors.js';
import { requireMatchingId } from '../../common/http/checks.js';
import { wrapCollection, wrapMember } from '../../common/http/links.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import type { EndpointFilter, EndpointGroupAttributes } from './endpoint_filter.js';
import { presentEndpoints, presentProjectEndpointGroup } from './presenter.js';
import type { EndpointGroup } from './types.js';

const GROUPS = '/OS-EP-FILTER/endpoint_groups';
const ATTRIBUTES: ReadonlySet<string> = new Set(['id', 'name', 'description', 'filters']);

/** Endpoint groups are kept without further attributes: what cannot be kept is not taken. */
function groupOf(request: ApiRequest): object {
  const group = request.body['endpoint_group'] as object;
  const unknown = Object.keys(group).find((name) => !ATTRIBUTES.has(name));
  if (unknown !== undefined) throw new ValidationError(`Unknown attribute '${unknown}' of an endpoint group`);
  return group;
}

export class EndpointFilterController {
  constructor(private readonly filter: EndpointFilter) {}

  addEndpoint = async ({ params }: ApiRequest): Promise<ApiResult> => {
    await this.filter.addEndpointToProject(params['endpoint_id'] as string, params['project_id'] as string);
    return noContent();
  };

  checkEndpoint = async ({ params }: ApiRequest): Promise<ApiResult> => {
    await this.filter.checkEndpointInProject(params['endpoint_id'] as string, params['project_id'] as string);
    return noContent();
  };

  removeEndpoint = async ({ params }: ApiRequest): Promise<ApiResult> => {
    await this.filter.removeEndpointFromProject(
      params['endpoint_id'] as string,
      params['project_id'] as string,
    );
    return noContent();
  };

  listEndpoints = async ({ params, links }: ApiRequest): Promise<ApiResult> => {
    const endpoints = await this.filter.listEndpointsForProject(params['project_id'] as string);
    return ok(presentEndpoints(links, endpoints, false));
  };

  listProjects = async ({ params, links }: ApiRequest): Promise<ApiResult> => {
    const projects = await this.filter.listProjectsForEndpoint(params['endpoint_id'] as string);
    return ok(wrapCollection(links, 'projects', '/projects', projects, false));
  };

  createGroup = async (request: ApiRequest): Promise<ApiResult> => {
    const group = await this.filter.createEndpointGroup(groupOf(request) as EndpointGroupAttributes);
    return created(wrapMember(request.links, 'endpoint_group', GROUPS, group));
  };

  listGroups = async ({ links }: ApiRequest): Promise<ApiResult> =>
    ok(wrapCollection(links, 'endpoint_groups', GROUPS, await this.filter.listEndpointGroups(), false));

  getGroup = async ({ params, links }: ApiRequest): Promise<ApiResult> => {
    const group = await this.filter.getEndpointGroup(params['endpoint_group_id'] as string);
    return ok(wrapMember(links, 'endpoint_group', GROUPS, group));
  };

  updateGroup = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['endpoint_group_id'] as string;
    const changes = groupOf(request) as Partial<EndpointGroup>;
    requireMatchingId(id, changes);
    const group = await this.filter.updateEndpointGroup(id, changes);
    return ok(wrapMember(request.links, 'endpoint_group', GROUPS, group));
  };

  deleteGroup = async ({ params }: ApiRequest): Promise<ApiResult> => {
    await this.filter.deleteEndpointGroup(params['endpoint_group_id'] as string);
    return noContent();
  };

  listGroupsOfProject = async ({ params, links }: ApiRequest): Promise<ApiResult> => {
    const groups = await this.filter.listEndpointGroupsForProject(params['project_id'] as string);
    return ok(wrapCollection(links, 'endpoint_groups', GROUPS, groups, false));
  };

  listProjectsOfGroup = async ({ params, links }: ApiRequest): Promise<ApiResult> => {
    const projects = await this.filter.listProjectsForEndpointGroup(params['endpoint_group_id'] as string);
    return ok(wrapCollection(links, 'projects', '/projects', projects, false));
  };

  listEndpointsOfGroup = async ({ params, links }: ApiRequest): Promise<ApiResult> => {
    const endpoints = await this.filter.listEndpointsInGroup(params['endpoint_group_id'] as string);
    return ok(presentEndpoints(links, endpoints, false));
  };

  getGroupInProject = async ({ params, links }: ApiRequest): Promise<ApiResult> => {
    const association = await this.filter.getEndpointGroupInProject(
      params['endpoint_group_id'] as string,
      params['project_id'] as string,
    );
    return ok(presentProjectEndpointGroup(links, association));
  };

  addGroup = async ({ params }: ApiRequest): Promise<ApiResult> => {
    await this.filter.addEndpointGroupToProject(
      params['endpoint_group_id'] as string,
      params['project_id'] as string,
    );
    return noContent();
  };

  removeGroup = async ({ params }: ApiRequest): Promise<ApiResult> => {
    await this.filter.removeEndpointGroupFromProject(
      params['endpoint_group_id'] as string,
      params['project_id'] as string,
    );
    return noContent();
  };
}
