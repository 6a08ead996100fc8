/**
 * When an event revokes a token: every attribute that the event names is the token's, and the token was issued at or
 * before the event's instant. Source: Keystone's revocation model, `facts` of OS-REVOKE.
 */
import type { RevocationEvent, RevocationSubject } from './types.js';

export function matches(event: RevocationEvent, token: RevocationSubject): boolean {
  if (token.issuedAt > event.issuedBefore) return false;
  const { userId, domainId, expiresAt } = event;
  if (userId !== undefined && userId !== token.userId && !token.delegates.includes(userId)) return false;
  if (domainId !== undefined && !matchesDomain(domainId, expiresAt !== undefined, token)) return false;
  return (
    same(event.projectId, token.projectId) &&
    same(event.trustId, token.trustId) &&
    same(event.consumerId, token.consumerId) &&
    same(event.accessTokenId, token.accessTokenId) &&
    same(event.auditId, token.auditId) &&
    same(event.auditChainId, token.auditChainId) &&
    same(expiresAt, token.expiresAt) &&
    (event.roleId === undefined || token.roleIds.includes(event.roleId))
  );
}

function matchesDomain(domainId: string, scopeOnly: boolean, token: RevocationSubject): boolean {
  return domainId === token.scopeDomainId || (!scopeOnly && domainId === token.userDomainId);
}

function same<T>(wanted: T | undefined, own: T | null): boolean {
  return wanted === undefined || wanted === own;
}
