/** What is left to do on a list after the driver: filters that it could not apply, and the limit. */
import type { Filter, Hints } from '../hints.js';
import { asBoolean } from './query.js';

/** Ask the driver for at most the first of the limits that is set (section's own before `[DEFAULT] list_limit`). */
export function limitList(hints: Hints, ...limits: readonly (number | null)[]): void {
  const limit = limits.find((value) => value !== null) ?? null;
  if (limit !== null) hints.setLimit(limit);
}

/** Apply the filters that no driver satisfied, then the limit; `truncated` tells whether something was cut. */
export function finishList<T extends object>(
  hints: Hints,
  entities: readonly T[],
): { entities: readonly T[]; truncated: boolean } {
  let kept = entities;
  for (const filter of hints.unsatisfied()) kept = kept.filter((entity) => matches(filter, entity));
  const { limit } = hints;
  if (limit === null) return { entities: kept, truncated: false };
  if (limit.truncated) return { entities: kept, truncated: true };
  return { entities: kept.slice(0, limit.limit), truncated: kept.length > limit.limit };
}

function matches(filter: Filter, entity: object): boolean {
  const value = attribute(entity, filter.name);
  if (filter.comparator === 'equals') {
    if (typeof value === 'boolean') {
      return value === (typeof filter.value === 'boolean' ? filter.value : asBoolean(String(filter.value)));
    }
    return value === filter.value || (value === undefined && filter.value === null);
  }
  if (typeof value !== 'string') return false;
  const wanted = String(filter.value);
  const [text, part] = filter.caseSensitive ? [value, wanted] : [value.toLowerCase(), wanted.toLowerCase()];
  if (filter.comparator === 'contains') return text.includes(part);
  return filter.comparator === 'startswith' ? text.startsWith(part) : text.endsWith(part);
}

/** An attribute by its name; nested ones by dots (`scope.project.id`). */
function attribute(entity: object, name: string): unknown {
  let value: unknown = entity;
  for (const part of name.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
