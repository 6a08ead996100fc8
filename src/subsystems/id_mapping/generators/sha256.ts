import { createHash } from 'node:crypto';
import { ValidationError } from '../../../common/errors.js';

/** What identifies an entity of a domain's own backend: usually domain_id, local_id and entity_type. */
export type IdMapping = Readonly<Record<string, string>>;

/**
 * The public id of an entity (`[identity_mapping] generator = sha256`): SHA-256 of the mapping's values, in the order
 * of their keys, in hexadecimal. The same entity has the same id in every deployment and after every rebuild of the
 * mapping table, which is why nothing may ever change here.
 *
 * @returns 64 lower-case hexadecimal digits
 * @throws ValidationError when a value is no text, or has half a surrogate pair: all of these would be the same bytes
 */
export function generatePublicId(mapping: IdMapping): string {
  const hash = createHash('sha256');
  // Key names are ASCII, so that the order of code units is the original's.
  for (const key of Object.keys(mapping).sort()) {
    const value: unknown = mapping[key];
    if (typeof value !== 'string' || /\p{Surrogate}/u.test(value))
      throw new ValidationError({ attribute: `text as ${key}`, target: 'id mapping' });
    hash.update(value, 'utf8');
  }
  return hash.digest('hex');
}
