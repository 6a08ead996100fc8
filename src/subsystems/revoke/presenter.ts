/** Revocation events as answered to clients: only the attributes that are set. */
import { isoTime, isoTimeWithMicroseconds } from '../../common/time.js';
import type { RevocationEvent } from './types.js';

export function presentEvent(event: RevocationEvent): object {
  const { domainId, expiresAt } = event;
  return {
    ...(event.userId !== undefined && { user_id: event.userId }),
    ...(event.roleId !== undefined && { role_id: event.roleId }),
    // A domain with an expiry means the scope of the tokens, not the domain of their users.
    ...(domainId !== undefined && { [expiresAt === undefined ? 'domain_id' : 'domain_scope_id']: domainId }),
    ...(event.projectId !== undefined && { project_id: event.projectId }),
    ...(event.auditId !== undefined && { audit_id: event.auditId }),
    ...(event.auditChainId !== undefined && { audit_chain_id: event.auditChainId }),
    ...(event.trustId !== undefined && { 'OS-TRUST:trust_id': event.trustId }),
    ...(event.consumerId !== undefined && { 'OS-OAUTH1:consumer_id': event.consumerId }),
    ...(event.accessTokenId !== undefined && { 'OS-OAUTH1:access_token_id': event.accessTokenId }),
    ...(expiresAt !== undefined && { expires_at: isoTime(expiresAt) }),
    issued_before: isoTimeWithMicroseconds(event.issuedBefore),
    revoked_at: isoTimeWithMicroseconds(event.revokedAt),
  };
}
