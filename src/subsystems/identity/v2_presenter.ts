/** Users as API v2.0 has them: with a tenant and a second name, without a domain. */
import type { User } from './types.js';

export function presentUserV2(user: User): object {
  const {
    default_project_id: tenantId,
    domain_id: _domainId,
    domain: _domain,
    password_expires_at: _expiry,
    // Left in the store by somebody; what counts is the default project.
    tenantId: _stored,
    ...shown
  } = user;
  return {
    ...shown,
    username: shown['username'] ?? user.name,
    ...(typeof tenantId === 'string' && { tenantId }),
  };
}
