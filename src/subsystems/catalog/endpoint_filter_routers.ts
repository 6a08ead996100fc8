/** Routes of OS-EP-FILTER. */
import { extensionParam, extensionRel, type Relation } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import type { EndpointFilter } from './endpoint_filter.js';
import { EndpointFilterController } from './endpoint_filter_controllers.js';
import { endpointGroupCreate, endpointGroupUpdate } from './schema.js';

const EXTENSION = 'OS-EP-FILTER';
const PREFIX = '/OS-EP-FILTER';

function access(action: string): Access {
  return { kind: 'protected', target: `identity:${action}` };
}

function rel(name: string): Relation {
  return extensionRel(EXTENSION, name);
}

/** Relations of paths with a group in them: the id is the extension's own. */
function groupRel(name: string): Relation {
  return extensionRel(EXTENSION, name, {
    params: { endpoint_group_id: extensionParam(EXTENSION, 'endpoint_group_id') },
  });
}

export function endpointFilterRoutes(filter: EndpointFilter): readonly Route[] {
  const controller = new EndpointFilterController(filter);
  return [...associationRoutes(controller), ...groupRoutes(controller)];
}

function associationRoutes(controller: EndpointFilterController): readonly Route[] {
  const association = `${PREFIX}/projects/{project_id}/endpoints/{endpoint_id}`;
  return [
    {
      method: 'GET',
      path: `${PREFIX}/endpoints/{endpoint_id}/projects`,
      access: access('list_projects_for_endpoint'),
      handler: controller.listProjects,
      rel: rel('endpoint_projects'),
    },
    {
      method: 'GET',
      path: association,
      access: access('check_endpoint_in_project'),
      handler: controller.checkEndpoint,
      rel: rel('project_endpoint'),
    },
    {
      method: 'PUT',
      path: association,
      access: access('add_endpoint_to_project'),
      handler: controller.addEndpoint,
    },
    {
      method: 'DELETE',
      path: association,
      access: access('remove_endpoint_from_project'),
      handler: controller.removeEndpoint,
    },
    {
      method: 'GET',
      path: `${PREFIX}/projects/{project_id}/endpoints`,
      access: access('list_endpoints_for_project'),
      handler: controller.listEndpoints,
      rel: rel('project_endpoints'),
    },
    {
      method: 'GET',
      path: `${PREFIX}/projects/{project_id}/endpoint_groups`,
      access: access('list_endpoint_groups_for_project'),
      handler: controller.listGroupsOfProject,
      rel: rel('project_endpoint_groups'),
    },
  ];
}

function groupRoutes(controller: EndpointFilterController): readonly Route[] {
  const collection = `${PREFIX}/endpoint_groups`;
  const member = `${collection}/{endpoint_group_id}`;
  const association = `${member}/projects/{project_id}`;
  return [
    {
      method: 'GET',
      path: collection,
      access: access('list_endpoint_groups'),
      handler: controller.listGroups,
      rel: rel('endpoint_groups'),
    },
    {
      method: 'POST',
      path: collection,
      access: access('create_endpoint_group'),
      schema: { member: 'endpoint_group', schema: endpointGroupCreate },
      handler: controller.createGroup,
    },
    {
      method: 'GET',
      path: member,
      access: access('get_endpoint_group'),
      handler: controller.getGroup,
      rel: groupRel('endpoint_group'),
    },
    {
      method: 'PATCH',
      path: member,
      access: access('update_endpoint_group'),
      schema: { member: 'endpoint_group', schema: endpointGroupUpdate },
      handler: controller.updateGroup,
    },
    {
      method: 'DELETE',
      path: member,
      access: access('delete_endpoint_group'),
      handler: controller.deleteGroup,
    },
    {
      method: 'GET',
      path: association,
      access: access('get_endpoint_group_in_project'),
      handler: controller.getGroupInProject,
      rel: groupRel('endpoint_group_to_project_association'),
    },
    {
      method: 'PUT',
      path: association,
      access: access('add_endpoint_group_to_project'),
      handler: controller.addGroup,
    },
    {
      method: 'DELETE',
      path: association,
      access: access('remove_endpoint_group_from_project'),
      handler: controller.removeGroup,
    },
    {
      method: 'GET',
      path: `${member}/projects`,
      access: access('list_projects_associated_with_endpoint_group'),
      handler: controller.listProjectsOfGroup,
      rel: groupRel('projects_associated_with_endpoint_group'),
    },
    {
      method: 'GET',
      path: `${member}/endpoints`,
      access: access('list_endpoints_associated_with_endpoint_group'),
      handler: controller.listEndpointsOfGroup,
      rel: groupRel('endpoints_in_endpoint_group'),
    },
  ];
}
