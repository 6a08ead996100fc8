/** Endpoints and associations as answered to clients. */
import { type Linked, type Links, wrapCollection, wrapMember } from '../../common/http/links.js';
import type { Endpoint, ProjectEndpointGroup } from './types.js';

/** Without what only v2.0 needs; `region` repeats `region_id` for clients that know only that. */
function present({
  legacy_endpoint_id: _legacy,
  ...endpoint
}: Endpoint): Endpoint & { region: string | null } {
  return { ...endpoint, region: endpoint.region_id } as Endpoint & { region: string | null };
}

/** `{"endpoint": {...}}` */
export function presentEndpoint(links: Links, endpoint: Endpoint): object {
  return wrapMember(links, 'endpoint', '/endpoints', present(endpoint));
}

/** `{"endpoints": [...]}` */
export function presentEndpoints(links: Links, endpoints: readonly Endpoint[], truncated: boolean): object {
  return wrapCollection(links, 'endpoints', '/endpoints', endpoints.map(present), truncated);
}

/** `{"project_endpoint_group": {...}}`, which has no id of its own. */
export function presentProjectEndpointGroup(
  links: Links,
  association: ProjectEndpointGroup,
): { project_endpoint_group: ProjectEndpointGroup & Linked } {
  const { endpoint_group_id: groupId, project_id: projectId } = association;
  const self = links.v3(`/OS-EP-FILTER/endpoint_groups/${groupId}/projects/${projectId}`);
  return { project_endpoint_group: { ...association, links: { self } } };
}
