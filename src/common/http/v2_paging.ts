/** Pages of lists of API v2.0: those after the entity named by `marker`, at most `limit`. */
import { ValidationError } from '../errors.js';
import type { QueryParams } from './query.js';

/** @throws ValidationError for a marker that is not in the list, or a limit that is no number of entities */
export function pageOf<T extends { readonly id: string }>(
  entities: readonly T[],
  query: QueryParams,
): readonly T[] {
  const [marker, limit] = [query.get('marker'), query.get('limit')];
  const index = marker === undefined ? -1 : entities.findIndex(({ id }) => id === marker);
  if (marker !== undefined && index === -1) throw new ValidationError('Marker could not be found');
  if (limit !== undefined && !/^\s*\+?\d+\s*$/.test(limit)) throw new ValidationError('Invalid limit value');
  const after = entities.slice(index + 1);
  return limit === undefined ? after : after.slice(0, Number(limit));
}
