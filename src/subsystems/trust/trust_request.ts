/** Reading the body of POST /v3/OS-TRUST/trusts, whose shape the schema has checked. */
import type { JsonObject } from '../../common/context.js';
import { ValidationExpirationError, ValidationTimeStampError } from '../../common/errors.js';
import type { NewTrust, RoleRef } from './types.js';

/** What the service itself decides; a client's word on it is ignored. */
const OWN = ['id', 'links', 'deleted_at', 'redelegated_trust_id', 'roles_links'];

/** @throws ValidationTimeStampError, ValidationExpirationError */
export function readTrust(trust: JsonObject): NewTrust {
  const {
    trustor_user_id: trustorId,
    trustee_user_id: trusteeId,
    project_id: projectId,
    impersonation,
    expires_at: expiresAt,
    remaining_uses: remainingUses,
    roles,
    allow_redelegation: allowRedelegation,
    redelegation_count: redelegationCount,
    ...others
  } = trust;
  return {
    trustor_user_id: trustorId as string,
    trustee_user_id: trusteeId as string,
    project_id: (projectId as string | null | undefined) ?? null,
    impersonation: impersonation as boolean,
    expires_at: readExpiry((expiresAt as string | null | undefined) ?? null),
    remaining_uses: (remainingUses as number | null | undefined) ?? null,
    roles: (roles as RoleRef[] | undefined) ?? [],
    allow_redelegation: allowRedelegation === true,
    redelegation_count: (redelegationCount as number | null | undefined) ?? null,
    extra: Object.fromEntries(Object.entries(others).filter(([name]) => !OWN.includes(name))),
  };
}

const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:?\d{2})?$/;

/** ISO 8601, in UTC when no zone is given, to milliseconds since the epoch. */
function readExpiry(text: string | null): number | null {
  if (text === null) return null;
  const match = INSTANT.exec(text);
  if (match === null) throw new ValidationTimeStampError();
  const [, dateTime, fraction = '0', zone = 'Z'] = match;
  const instant = Date.parse(`${dateTime}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  if (Number.isNaN(instant)) throw new ValidationTimeStampError();
  if (instant < Date.now()) throw new ValidationExpirationError();
  return instant;
}
