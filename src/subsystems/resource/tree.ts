/** Hierarchies as nested ids. */
import type { IdTree, Project } from './types.js';

/** `{parent: {grandparent: null}}`; null for a project without parents. */
export function parentsAsIds(project: Project, parents: readonly Project[]): IdTree | null {
  const byId = new Map(parents.map((parent) => [parent.id, parent]));
  const above = (of: Project): IdTree | null => {
    const parent = of.parent_id === null ? undefined : byId.get(of.parent_id);
    return parent === undefined ? null : { [parent.id]: above(parent) };
  };
  return above(project);
}

/** `{child: {grandchild: null}}`; null for a leaf. */
export function subtreeAsIds(id: string, subtree: readonly Project[]): IdTree | null {
  const children = groupByParent(subtree);
  const below = (parent: string): IdTree | null => {
    const own = children.get(parent);
    return own === undefined ? null : Object.fromEntries(own.map((child) => [child, below(child)]));
  };
  return below(id);
}

function groupByParent(projects: readonly Project[]): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const { id, parent_id: parentId } of projects) {
    if (parentId !== null) children.set(parentId, [...(children.get(parentId) ?? []), id]);
  }
  return children;
}
