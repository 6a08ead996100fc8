/** Role inferences as answered to clients. */
import type { Linked, Links } from '../../common/http/links.js';
import type { Role } from './types.js';

export interface InferenceRole extends Linked {
  readonly id: string;
  readonly name: string;
}

export interface Inference {
  readonly prior_role: InferenceRole;
  readonly implies: readonly InferenceRole[];
}

function presentRole(links: Links, role: Role): InferenceRole {
  return { id: role.id, name: role.name, links: { self: links.v3(`/roles/${role.id}`) } };
}

/** `{prior_role, implies: [...]}` */
export function presentInference(links: Links, prior: Role, implied: readonly Role[]): Inference {
  return { prior_role: presentRole(links, prior), implies: implied.map((role) => presentRole(links, role)) };
}
