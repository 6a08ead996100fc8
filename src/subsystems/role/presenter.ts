/** Roles as answered to clients. */
import type { Links } from '../../common/http/links.js';
import type { Role } from './types.js';

/** `prior_role` and `implies` items of role inferences. */
export function presentInferenceRole(links: Links, role: Role): object {
  return { id: role.id, name: role.name, links: { self: links.v3(`/roles/${role.id}`) } };
}

export function presentInference(links: Links, prior: Role, implied: readonly Role[]): object {
  return {
    prior_role: presentInferenceRole(links, prior),
    implies: implied.map((role) => presentInferenceRole(links, role)),
  };
}
