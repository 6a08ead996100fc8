/** Trusts as answered to clients. */
import { type Linked, type Links, withSelf } from '../../common/http/links.js';
import { isoTimeWithMicroseconds } from '../../common/time.js';
import type { Role } from '../role/types.js';
import type { Trust } from './types.js';

export const TRUSTS = '/OS-TRUST/trusts';

export interface PresentedTrust {
  readonly id: string;
  readonly [attribute: string]: unknown;
}

/** A trust as it stands in a list: without its roles. */
export function presentListedTrust(trust: Trust): PresentedTrust {
  const { roleIds: _roleIds, extra, redelegated_trust_id: parentId, ...shown } = trust;
  return {
    ...extra,
    ...shown,
    ...(parentId !== null && { redelegated_trust_id: parentId }),
    expires_at: time(trust.expires_at),
    deleted_at: time(trust.deleted_at),
  };
}

export function presentTrust(links: Links, trust: Trust, roles: readonly Role[]): PresentedTrust {
  return {
    ...presentListedTrust(trust),
    roles: roles.map((role) => presentRole(links, role)),
    roles_links: rolesLinks(links, trust.id),
  };
}

export function presentRole(links: Links, role: Role): Role & Linked {
  return withSelf(links, '/roles', role);
}

export function rolesLinks(links: Links, trustId: string): object {
  return { self: links.v3(`${TRUSTS}/${trustId}/roles`), next: null, previous: null };
}

function time(instant: number | null): string | null {
  return instant === null ? null : isoTimeWithMicroseconds(instant);
}
