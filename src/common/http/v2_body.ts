/** Bodies of API v2.0, in which extensions put their names before those of attributes. */
import type { JsonObject } from '../context.js';

/** `OS-KSADM:flavor` and `OS-KSADM-flavor` are stored as `OS_KSADM_flavor`, as Keystone does. */
export function normalizeKeys(entity: JsonObject): JsonObject {
  const normalized: JsonObject = {};
  for (const [name, value] of Object.entries(entity)) normalized[name.replaceAll(/[:-]/g, '_')] = value;
  return normalized;
}
