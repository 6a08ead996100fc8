/** Projects as answered to clients. */
import { type Links, wrapMember } from '../../common/http/links.js';
import type { Project } from './types.js';

const OWN: ReadonlySet<string> = new Set([
  'id',
  'name',
  'description',
  'enabled',
  'domain_id',
  'parent_id',
  'is_domain',
]);

/** Items of `parents` and `subtree`: `{"project": {...}}`. */
export function presentHierarchy(links: Links, projects: readonly Project[]): object[] {
  return projects.map((project) => wrapMember(links, 'project', '/projects', project));
}

/** Answers to an update repeat the attributes beyond the API's own under `extra` as well, as Keystone's do. */
export function presentUpdatedProject(project: Project): Project {
  return {
    ...project,
    extra: Object.fromEntries(Object.entries(project).filter(([name]) => !OWN.has(name))),
  };
}
