/** Users as answered to clients. */
import type { User } from './types.js';

const OWN = new Set(['id', 'name', 'domain_id', 'enabled', 'default_project_id', 'password_expires_at']);

/**
 * An updated user: the extra attributes stand in it twice, at the top and under `extra`, as clients of this answer
 * have always found them.
 */
export function presentUpdatedUser(user: User): User & { readonly extra: Readonly<Record<string, unknown>> } {
  return { ...user, extra: Object.fromEntries(Object.entries(user).filter(([name]) => !OWN.has(name))) };
}
