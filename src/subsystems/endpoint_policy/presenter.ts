/** Endpoints of a policy as answered to clients. */
import { type Links, wrapCollection } from '../../common/http/links.js';
import type { Endpoint } from '../catalog/types.js';

/** `{"endpoints": [...]}`, here without the `region` that repeats `region_id` elsewhere. */
export function presentPolicyEndpoints(links: Links, endpoints: readonly Endpoint[]): object {
  const presented = endpoints.map(({ legacy_endpoint_id: _legacy, ...endpoint }) => endpoint as Endpoint);
  return wrapCollection(links, 'endpoints', '/endpoints', presented, false);
}
