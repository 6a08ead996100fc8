/** Filters and limits of lists, as far as directories know them. */
import type { Hints } from '../../../common/hints.js';

/**
 * All that a directory has belongs to one domain: a filter on it is decided here.
 * @returns false when nothing can match
 */
export function satisfyDomain(hints: Hints, domainId: string): boolean {
  for (const filter of hints.filters) {
    if (filter.name !== 'domain_id' || filter.comparator !== 'equals' || filter.satisfied) continue;
    filter.satisfied = true;
    if (filter.value !== domainId) return false;
  }
  return true;
}

/** How many entries to ask for: one more than the limit, to know of more; 0 for all, which filters left over need. */
export function entryLimit(hints: Hints): number {
  return hints.limit === null || hints.unsatisfied().length > 0 ? 0 : hints.limit.limit + 1;
}

/** What is left of what `entryLimit` asked for. */
export function cutAtLimit<T>(entities: T[], hints: Hints): T[] {
  if (hints.limit === null || hints.unsatisfied().length > 0) return entities;
  hints.limit.truncated = entities.length > hints.limit.limit;
  return entities.slice(0, hints.limit.limit);
}
