/** Checks on request bodies that schemas cannot express. */
import { ValidationError } from '../errors.js';

/** @throws ValidationError when the body names another id than the path */
export function requireMatchingId(id: string, entity: { readonly id?: unknown }): void {
  if (entity.id !== undefined && entity.id !== id) throw new ValidationError('Cannot change ID');
}
