/**
 * When an event revokes a token: every attribute that the event names is the token's, and the token was issued in the
 * event's second or before. Times count in whole seconds because MySQL's DATETIME and Fernet tokens hold no more.
 * Source: Keystone's revocation model (OS-REVOKE).
 */
import { wholeSecond } from '../../common/time.js';
import type { RevocationEvent, RevocationSubject } from './types.js';

export function matches(event: RevocationEvent, token: RevocationSubject): boolean {
  if (wholeSecond(token.issuedAt) > event.issuedBefore) return false;
  const { userId, domainId, expiresAt } = event;
  if (userId !== undefined && userId !== token.userId && !token.delegates.includes(userId)) return false;
  const ofGrant = isOfGrant(event);
  const scopeOnly = ofGrant || expiresAt !== undefined;
  if (domainId !== undefined && !matchesDomain(domainId, scopeOnly, token)) return false;
  return (
    same(event.projectId, token.projectId) &&
    same(event.trustId, token.trustId) &&
    same(event.consumerId, token.consumerId) &&
    same(event.accessTokenId, token.accessTokenId) &&
    same(event.auditId, token.auditId) &&
    same(event.auditChainId, token.auditChainId) &&
    (expiresAt === undefined || wholeSecond(expiresAt) === wholeSecond(token.expiresAt)) &&
    (event.roleId === undefined || ofGrant || token.roleIds.includes(event.roleId))
  );
}

/**
 * Whether the event says that a user lost a role on a scope. Which roles a token had is not known then: they are
 * looked up when it is used, when the lost one is no longer among them. So all of the user's tokens for the scope are
 * meant.
 */
function isOfGrant({ userId, roleId, projectId, domainId }: RevocationEvent): boolean {
  return userId !== undefined && roleId !== undefined && (projectId ?? domainId) !== undefined;
}

function matchesDomain(domainId: string, scopeOnly: boolean, token: RevocationSubject): boolean {
  return domainId === token.scopeDomainId || (!scopeOnly && domainId === token.userDomainId);
}

function same<T>(wanted: T | undefined, own: T | null): boolean {
  return wanted === undefined || wanted === own;
}
