/** Walks over the tree of regions. A circle in a damaged database ends a walk. */

export type RegionParents = ReadonlyMap<string, string | null>;

/** The region and its ancestors, nearest first. A parent that does not exist ends the list. */
export function regionLineage(parents: RegionParents, id: string): string[] {
  const lineage = new Set<string>();
  let current: string | null = id;
  while (current !== null && parents.has(current) && !lineage.has(current)) {
    lineage.add(current);
    current = parents.get(current) ?? null;
  }
  return [...lineage];
}

/** The region and all regions beneath it, parents first. */
export function regionSubtree(parents: RegionParents, id: string): string[] {
  const children = new Map<string, string[]>();
  for (const [child, parent] of parents) {
    if (parent === null) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [child]);
    else siblings.push(child);
  }
  const subtree = new Set([id]);
  // A set hands out what is added while it is walked.
  for (const current of subtree) for (const child of children.get(current) ?? []) subtree.add(child);
  return [...subtree];
}
